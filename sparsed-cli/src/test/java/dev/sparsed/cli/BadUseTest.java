package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadUseTest {

  static Stream<Arguments> badUses() {
    String llada = Invocation.checkpoint("tiny-llada");
    String dream = Invocation.checkpoint("tiny-dream");
    return Stream.of(
        bad("bogus", "bogus"),
        bad("--steps", "generate", "--steps", "many"),
        bad("is no whole number of at most 2147483647", "generate", "-n", "99999999999"),
        bad("-n must be 1 to 4194304 but is 2000000000", "generate", "-n", "2000000000"),
        bad(
            "--steps must be a multiple of the 4 blocks of 32 tokens but is 127; 124 or 128 would",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1",
            "--steps",
            "127"),
        bad("-o must name a file or a folder", "make-checkpoint", "--like", "dream-7b", "-o", ""),
        bad("--layers must be 1 to 1000", "make-checkpoint", "--like", "dream-7b", "--layers=-7"),
        bad("--like: no model template", "make-checkpoint", "--like", "gpt"),
        bad("--weights: weights are kept as", "eval", "exam", "--weights", "q3"),
        bad("--dtype must be", "eval", "exam", "--dtype", ""),
        bad("--tasks must name a task", "eval", "ruler", "--length=1k", "--out=o", "--tasks="),
        bad("--infill has no meaning for bench", "bench", "generate", "--infill", "a <gap:2>"),
        bad("--lengths: a length must be", "eval", "exam", "--lengths", "many"),
        bad("--questions must be 1 to", "eval", "exam", "--questions", "0"),
        bad("the file of --recipe is not", "train-demo", "-o", "none", "--recipe", "none.json"),
        bad("--select", "generate", "--select", "wide"),
        bad("--bolck_size", "generate", "--bolck_size", "3"),
        bad("multiple of the 4", "bench", "attention", "--heads", "5"),
        bad("float32, bfloat16 or float16", "bench", "attention", "--dtype", "int8"),
        bad("--runs must be", "bench", "attention", "--runs", "0"),
        bad("there is no dense.abacus", "bench", "attention", "--measure", "dense.abacus"),
        bad("--threads must be", "bench", "attention", "--threads", "0"),
        bad("--like", "make-checkpoint"),
        bad("no model template", "make-checkpoint", "--like", "gpt"),
        bad("--context", "inspect", "--model_path", llada, "--context", "0"),
        bad("--context", "inspect", "--model_path", llada, "--context", "8m"),
        bad("--steps", "generate", "--steps", "0"),
        bad("--seq_len", "generate", "--seq_len", "-5"),
        bad("--seq_len", "dream", "--model_path", dream, "--tokens", "1,2", "--seq_len", "0"),
        bad("--seq_len", "llada", "--model_path", llada, "--tokens", "1,2", "--seq_len", "0"),
        bad("--seq_len", "bench", "generate", "--seq_len", "0"),
        bad("--tokens has 99999", "generate", "--model_path", llada, "--tokens", "1,99999"),
        bad("--tokens has -1", "bench", "generate", "--model_path", llada, "--tokens=-1"),
        bad("--prompt: a length must be", "generate", "--prompt", "0k"),
        bad(
            "--prompt has no meaning with --tokens",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--prompt",
            "4k"),
        bad(
            "--raw has no meaning with --tokens",
            "bench",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--raw"),
        bad("are two prompts", "generate", "--prompt", "a", "--prompt_text", "b"),
        bad(
            "--prompt_text has no meaning with --tokens",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1,2",
            "--prompt_text",
            "a"),
        bad("--select has no meaning for full", "generate", "--origin", "--select", "0.2"),
        bad("--skip has no meaning for full", "generate", "--origin", "--skip", "0.1"),
        bad("--minutes must be", "bench", "attention", "--minutes", "0"),
        bad("--threads", "inspect", "--threads", "2"),
        bad("--device", "inspect", "--device", "cpu"),
        bad("characters", "generate", "--prompt", "long ".repeat(1 << 20)),
        bad("--origin", "bench", "generate", "--origin"),
        bad("--sparsity", "bench", "generate", "--sparsity", "never"),
        bad("must be cpu, cuda", "generate", "--model_path", llada, "--device", "abacus"),
        bad("--select must be", "generate", "--model_path", llada, "--select", "1.5"),
        bad(
            "--block_length of 32; 32 or 64 tokens would, or a --block_length of 11",
            "generate",
            "--model_path",
            llada,
            "--seq_len",
            "33",
            "--block_length",
            "32"),
        bad(
            "8 steps would do",
            "generate",
            "--model_path",
            dream,
            "--tokens",
            "1",
            "--seq_len",
            "32",
            "--steps",
            "10",
            "--threshold",
            "0.9"),
        bad(
            "--forbid_tokens takes ids",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1",
            "--forbid_tokens",
            "mask,word"),
        bad(
            "--min_length must be at most",
            "generate",
            "--model_path",
            llada,
            "--tokens",
            "1",
            "--min_length",
            "129"),
        bad("low_confidence or random", "generate", "--model_path", llada, "--sampling-alg", "x"),
        bad("--top_p has no meaning", "generate", "--model_path", llada, "--top_p", "0.5"),
        bad("do not divide", "generate", "--model_path", dream, "--block_length", "7"),
        bad("--cache must be none", "generate", "--model_path", llada, "--cache", "all"),
        bad("--keep_ratio has no", "generate", "--model_path", llada, "--keep_ratio", "0.5"),
        bad(
            "--kernel_size must be odd",
            "generate",
            "--model_path",
            llada,
            "--cache",
            "sparse-dllm",
            "--kernel_size",
            "4"),
        bad("--attention must be", "generate", "--attention", "sinks"),
        bad("--sinks has no meaning", "generate", "--attention", "sliding-window", "--sinks", "2"),
        bad("--window has no meaning", "generate", "--window", "2"),
        bad("--select has no", "generate", "--attention", "sinks-window", "--select", "0.5"),
        bad("--origin has no", "generate", "--attention", "sinks-window", "--origin"),
        bad("--window must", "generate", "--attention", "sliding_window", "--window", "-1"),
        bad("--threshold must be", "generate", "--model_path", llada, "--threshold", "2"),
        bad("unknown part 'fast'; parts are full, spar", "generate", "--method", "fast"),
        bad("'size' is not a setting", "generate", "--method", "sparsed:size=3"),
        bad("--keep_ratio has no", "generate", "--method", "dual-cache", "--keep_ratio", "0.5"),
        bad("--threshold has no", "generate", "--method", "sparsed", "--threshold", "0.5"),
        bad("--cache has no", "generate", "--method", "full", "--cache", "dual-cache"),
        bad("--origin has no", "generate", "--method", "full", "--origin"),
        bad("--attention has no", "generate", "--method", "full", "--attention", "sparsed"),
        bad("unknown part", "bench", "generate", "--method", "fast"),
        bad("--window has no meaning", "bench", "generate", "--window", "2"),
        bad("is no Dream model", "dream", "--model_path", llada),
        bad("is no LLaDA model", "llada", "--model_path", dream));
  }

  private static Arguments bad(String message, String... arguments) {
    return Arguments.of(message, arguments);
  }

  @ParameterizedTest
  @MethodSource("badUses")
  void endsWithTwoAndOneLineThatSaysWhy(String message, String[] arguments) {
    Invocation invocation = Invocation.of(arguments);
    assertEquals(2, invocation.exitCode(), invocation.err());
    assertTrue(invocation.err().lines().findFirst().orElse("").contains(message), invocation.err());
    assertEquals("", invocation.out());
    assertFalse(invocation.showsStackTrace(), invocation.err());
  }

  @Test
  void aWordWithoutAnOptionNamesThoseThatItMayBeFor() {
    Invocation model = Invocation.of("inspect", "folder");
    assertEquals(2, model.exitCode());
    assertTrue(model.err().contains("Did you mean -m (a model) before it?"), model.err());
    Invocation prompt = Invocation.of("generate", "Why is the sky blue?");
    assertEquals(2, prompt.exitCode());
    assertTrue(prompt.err().contains("-m (a model) or -p (a prompt) before it?"), prompt.err());
  }

  @Test
  void aMissingCheckpointFailsWithOneLine(@TempDir Path folder) {
    Invocation invocation =
        Invocation.of("generate", "--model_path", folder.resolve("none").toString());
    assertEquals(1, invocation.exitCode());
    assertEquals(1, invocation.err().lines().count(), invocation.err());
    assertFalse(invocation.showsStackTrace());
  }

  @Test
  void verboseShowsTheStackTrace(@TempDir Path folder) {
    Invocation invocation =
        Invocation.of("generate", "--verbose", "--model_path", folder.resolve("none").toString());
    assertEquals(1, invocation.exitCode());
    assertTrue(invocation.showsStackTrace(), invocation.err());
  }

  @Test
  void aMissingPromptFileFailsWithItsName(@TempDir Path folder) {
    Path file = folder.resolve("prompt.txt");
    Invocation invocation = Invocation.of("generate", "--prompt", "@" + file);
    assertEquals(1, invocation.exitCode());
    assertTrue(invocation.err().contains(file.toString()), invocation.err());
  }
}

package dev.sparsed.examples.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import dev.sparsed.examples.eval.accuracy.ChatTurn;
import dev.sparsed.examples.eval.accuracy.EvalTask;
import dev.sparsed.examples.eval.accuracy.TaskFile;
import dev.sparsed.examples.eval.accuracy.TaskPrompt;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tiny checkpoints of the published code with the published tokenizers. */
class CheckpointModelTest {

  private static final Path GOLDENS = Path.of("../sparsed-models/src/test/resources/goldens");

  private final Path folder;

  CheckpointModelTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private Path checkpoint(String model, String tokenizer) throws IOException {
    for (Path source :
        new Path[] {
          GOLDENS.resolve("checkpoints").resolve(model),
          GOLDENS.resolve("tokenizers").resolve(tokenizer)
        }) {
      try (Stream<Path> files = Files.list(source)) {
        for (Path file : files.toList()) {
          Files.copy(
              file,
              folder.resolve(file.getFileName().toString()),
              StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
    return folder;
  }

  private static EvalModel open(Path checkpoint) {
    EvalModelArguments arguments = new EvalModelArguments();
    arguments.modelPath = checkpoint.toString();
    return CheckpointModel.open(arguments, () -> checkpoint);
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream,dream", "tiny-llada,llada"})
  void rulerFillsLengthsOfRealTokenizers(String model, String tokenizer) throws Exception {
    Path checkpoint = checkpoint(model, tokenizer);
    Path data = folder.resolve("ruler.jsonl");
    StringWriter err = new StringWriter();
    // Shared, as reading Dream's vocabulary takes its time.
    try (SharedModel shared = new SharedModel(arguments -> open(checkpoint))) {
      int exit =
          EvalCommands.commandLine(shared)
              .setErr(new PrintWriter(err))
              .setOut(new PrintWriter(new StringWriter()))
              .execute(
                  "ruler",
                  "--length",
                  "4k",
                  "--samples",
                  "1",
                  "--apply_chat_template",
                  "--out",
                  data.toString());
      assertEquals(0, exit, err::toString);
      ImmutableList<EvalTask> tasks = TaskFile.read(data, Optional.empty());
      assertEquals(11, tasks.size());
      EvalModel opened = shared.open(new EvalModelArguments());
      for (EvalTask task : tasks) {
        int total = opened.tokens(task.prompt(), true) + task.generationLength().orElseThrow();
        assertTrue(total <= 4096 && total > 4096 - 120, task.id() + " has " + total);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tiny-dream,dream", "tiny-llada,llada"})
  void rendersConversationsAndPutsTheAnswerPrefixLast(String model, String tokenizer)
      throws Exception {
    Path checkpoint = checkpoint(model, tokenizer);
    TaskPrompt plain = TaskPrompt.plain("How are you?");
    TaskPrompt prefixed = new TaskPrompt(plain.turns(), false, " I am");
    TaskPrompt chat =
        new TaskPrompt(
            ImmutableList.of(new ChatTurn("system", "Be kind."), new ChatTurn("user", "Hello")),
            true,
            "");
    try (EvalModel opened = open(checkpoint)) {
      assertTrue(opened.tokens(plain, true) > opened.tokens(plain, false));
      assertTrue(opened.tokens(prefixed, true) >= opened.tokens(plain, true) + 2);
      assertTrue(opened.tokens(chat, false) > 6);
      assertEquals(4, opened.identity().size());
      assertEquals(opened.identity(), open(checkpoint).identity());
    }
  }
}

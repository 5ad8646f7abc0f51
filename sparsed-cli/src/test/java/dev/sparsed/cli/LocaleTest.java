package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Texts outside ASCII where the environment names no UTF-8 locale, as in a container. */
@EnabledOnOs(OS.LINUX)
class LocaleTest {

  private static final String QUESTION = "Wie heißt die Müllerin?";

  @TempDir private Path folder = Path.of("");

  private record Outcome(int exitCode, String output, String errors) {}

  /** Runs the command line in a JVM of its own, with a locale but no launcher around it. */
  private Outcome run(String locale, String input, List<String> arguments) throws Exception {
    Path home = Path.of(System.getProperty("user.home"));
    return run(locale, Path.of("").toAbsolutePath(), home, input, arguments);
  }

  private Outcome run(
      String locale, Path workingFolder, Path home, String input, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Sparsed.class.getName()));
    command.addAll(arguments);
    // The arguments go through a script, whose bytes are the same in every locale.
    Path script = folder.resolve("script");
    StringBuilder text = new StringBuilder("exec");
    for (String word : command) {
      text.append(" '").append(word).append('\'');
    }
    Files.writeString(script, text);
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder("sh", script.toString()).redirectError(errors.toFile());
    builder.directory(workingFolder.toFile());
    builder.environment().put("LC_ALL", locale);
    builder.environment().put("HOME", home.toString());
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    process.getInputStream().transferTo(output);
    return new Outcome(
        process.waitFor(), output.toString(StandardCharsets.UTF_8), Files.readString(errors));
  }

  @Test
  void refusesArgumentsThatTheLocaleGarbles() throws Exception {
    Outcome outcome = run("C", "", List.of("generate", "--steps", "2", "--prompt", QUESTION));
    assertEquals(2, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.errors().contains("argument 5 cannot be read"), outcome::toString);
    assertTrue(outcome.errors().contains("LC_ALL=C.UTF-8"), outcome::toString);
  }

  @Test
  void refusesFoldersThatTheLocaleGarbles() throws Exception {
    Path model = Files.createDirectory(folder.resolve("müller"));
    Outcome outcome = run("POSIX", "", List.of("inspect", "--model_path", model.toString()));
    assertEquals(2, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.errors().contains("LC_ALL=C.UTF-8"), outcome::toString);
  }

  @Test
  void refusesAWorkingFolderThatTheLocaleGarbles() throws Exception {
    Path work = Files.createDirectory(folder.resolve("müller"));
    Files.createDirectory(work.resolve("model"));
    List<List<String>> uses =
        List.of(
            List.of("inspect", "--model_path", "model"),
            List.of("make-checkpoint", "--like", "dream-7b", "--layers", "1", "--output", "new"));
    for (List<String> use : uses) {
      Outcome outcome = run("C", work, folder, "", use);
      assertEquals(2, outcome.exitCode(), outcome::toString);
      assertTrue(outcome.errors().contains("the name of the working folder"), outcome::toString);
      assertTrue(outcome.errors().contains("LC_ALL=C.UTF-8"), outcome::toString);
    }
    try (Stream<Path> made = Files.list(folder)) {
      assertEquals(1, made.filter(Files::isDirectory).count());
    }
  }

  @Test
  void saysWhyNothingIsKeptInAHomeThatTheLocaleGarbles() throws Exception {
    Path home = Files.createDirectory(folder.resolve("jürgen"));
    Outcome outcome = run("C", folder, home, "", generate("Hello"));
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.errors().contains("home folder is misread"), outcome::toString);
    assertTrue(outcome.errors().contains("LC_ALL=C.UTF-8"), outcome::toString);
    Outcome doctor = run("C", folder, home, "", List.of("doctor"));
    assertEquals(0, doctor.exitCode(), doctor::toString);
    assertTrue(doctor.output().contains("HOME names the folder"), doctor::toString);
  }

  @Test
  void readsStandardInputAsUtf8InEveryLocale() throws Exception {
    Outcome ascii = run("C", QUESTION, generate("-"));
    Outcome utf8 = run("C.UTF-8", "", generate(QUESTION));
    assertEquals(0, ascii.exitCode(), ascii::toString);
    assertEquals(0, utf8.exitCode(), utf8::toString);
    assertEquals(2, tokens(utf8).size(), utf8::toString);
    assertEquals(tokens(utf8), tokens(ascii));
  }

  private static List<String> generate(String prompt) {
    return List.of("generate", "--seq_len", "8", "--steps", "2", "--json", "--prompt", prompt);
  }

  /** How many tokens the prompt has, and those of the answer. */
  private static List<String> tokens(Outcome outcome) {
    return outcome.output().lines().filter(line -> line.contains("tokens\"")).toList();
  }
}

package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods that a jar adds. */
class PluginsTest {

  private static final String SERVICE = "META-INF/services/dev.sparsed.models.method.MethodPlugin";

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  private final Path folder;

  PluginsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @AfterEach
  void forgetTheJars() {
    Thread.currentThread().setContextClassLoader(before);
  }

  private record Outcome(int exitCode, String out, String err) {}

  private static Outcome run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Sparsed.run(new PrintWriter(out), new PrintWriter(err), arguments);
    return new Outcome(exitCode, out.toString(), err.toString());
  }

  private static String plugin(String className, String name, String body) {
    return """
        import dev.sparsed.models.cache.*;
        import dev.sparsed.models.decoding.*;
        import dev.sparsed.models.method.*;
        import java.util.*;
        public class %s implements MethodPlugin {
          public String name() { return "%s"; }
          public String description() { return "feeds what changes"; }
          public Map<String, String> defaults() { return Map.of("every", "8"); }
          public MethodParts parts(Map<String, String> settings) { %s }
        }
        """
        .formatted(className, name, body);
  }

  private static final String CACHE =
      """
      int every = Integer.parseInt(settings.get("every"));
      if (every < 1) throw new IllegalArgumentException("every must be at least 1 but is " + every);
      CachePolicy policy = sequence -> step -> step.forwardPasses() % every == 0
          ? CachePlan.feedAll()
          : CachePlan.feed(step.withRows(step.masked()).union(step.decided()));
      return MethodParts.of(policy);
      """;

  /** Compiles a class and puts it and its announcement into a jar. */
  private String jar(String className, String source) throws IOException {
    Path classes = Files.createDirectories(folder.resolve(className));
    Path file = Files.writeString(classes.resolve(className + ".java"), source);
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    String classPath = System.getProperty("java.class.path");
    assertEquals(
        0,
        compiler.run(
            null, null, null, "-proc:none", "-cp", classPath, "-d", classes + "", file + ""));
    Path jar = folder.resolve(className + ".jar");
    try (OutputStream bytes = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(bytes);
        Stream<Path> made = Files.list(classes)) {
      for (Path each : made.filter(path -> path.toString().endsWith(".class")).toList()) {
        out.putNextEntry(new JarEntry(Objects.requireNonNull(each.getFileName()).toString()));
        out.write(Files.readAllBytes(each));
      }
      out.putNextEntry(new JarEntry(SERVICE));
      out.write(className.getBytes(StandardCharsets.UTF_8));
    }
    return jar.toString();
  }

  @Test
  void aMethodOfAJarGeneratesAndIsListed() throws IOException {
    String jar = jar("MyCache", plugin("MyCache", "my-cache", CACHE));
    Outcome generated = run("generate", "--plugins", jar, "--method", "my-cache:every=4", "--json");
    assertEquals(0, generated.exitCode(), generated.err());
    assertTrue(Json.read(generated.out()).path("cache").toString().length() > 2, generated.out());
    Outcome joined = run("generate", "--plugins", jar, "--method", "my_cache+threshold");
    assertEquals(0, joined.exitCode(), joined.err());
    JsonNode listed = Json.read(run("methods", "--plugins", jar, "--json").out());
    JsonNode last = listed.get(listed.size() - 1);
    assertEquals("my-cache", last.path("name").asText());
    assertEquals("cache", last.path("decides").asText());
    assertEquals("8", last.path("settings").path("every").asText());
    assertTrue(last.path("origin").asText().endsWith("MyCache.jar"));
    assertTrue(run("methods", "--plugins", jar).out().contains("MyCache.jar"));
  }

  @Test
  void settingsReachThePlugInAsTheyAreWritten() throws IOException {
    String body =
        """
        if (!settings.get("every").equals("Once_in-A_While")) {
          throw new IllegalArgumentException("every is " + settings.get("every"));
        }
        return MethodParts.of(CachePolicy.none());
        """;
    String jar = jar("Exact", plugin("Exact", "exact", body));
    Outcome generated =
        run(
            "generate",
            "--plugins",
            jar,
            "--method",
            "Exact:EVERY=Once_in-A_While+threshold",
            "--seq_len",
            "32");
    assertEquals(0, generated.exitCode(), generated.err());
    // It refuses its default, 8, and the others are listed all the same.
    JsonNode listed = Json.read(run("methods", "--plugins", jar, "--json").out());
    JsonNode last = listed.get(listed.size() - 1);
    assertEquals("exact", last.path("name").asText());
    assertEquals("", last.path("decides").asText());
    assertTrue(last.path("description").asText().contains("every is 8"), last.toString());
  }

  @Test
  void theLibrarysOwnPartsAreListedWithTheirDefaults() {
    JsonNode listed = Json.read(run("methods", "--json").out());
    assertEquals("full", listed.get(0).path("name").asText());
    assertEquals("0.3", listed.get(1).path("settings").path("select").asText());
    assertEquals("sparsed", listed.get(1).path("origin").asText());
  }

  @Test
  void whatIsWrongIsToldAsThePlugIns() throws IOException {
    String jar = jar("MyCache", plugin("MyCache", "my-cache", CACHE));
    assertRefused(List.of("generate", "--plugins", folder + "/none.jar"), "there is no file");
    Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
    assertRefused(List.of("generate", "--plugins", text.toString()), "is no jar");
    assertRefused(
        List.of("generate", "--plugins", jar, "--method", "my-cache:every=0"),
        "my-cache: every must be at least 1 but is 0");
    assertRefused(
        List.of("generate", "--plugins", jar, "--method", "my-cache:often=0"),
        "'often' is not a setting");
    assertRefused(
        List.of("generate", "--plugins", jar, "--method", "my-cache+dual-cache"), "two caches");
    assertRefused(List.of("generate", "--method", "your-cache"), "unknown part 'your-cache'");
    String broken =
        jar("Broken", plugin("Broken", "broken", "throw new NoSuchMethodError(\"gone\");"));
    String clash = jar("Clash", plugin("Clash", "sparsed", CACHE));
    String alias = jar("Alias", plugin("Alias", "streaming-llm", CACHE));
    String twice = jar("Twice", plugin("Twice", "my-cache", CACHE));
    assertFails(List.of("methods", "--plugins", broken), "compiled against another version");
    assertFails(List.of("methods", "--plugins", clash), "a name of the library's own");
    assertFails(List.of("methods", "--plugins", alias), "a name of the library's own");
    assertFails(List.of("methods", "--plugins", jar + "," + twice), "is there twice");
  }

  private void assertRefused(List<String> arguments, String message) {
    forgetTheJars();
    Outcome outcome = run(arguments.toArray(String[]::new));
    assertTrue(outcome.err().contains(message), outcome.toString());
    assertEquals(2, outcome.exitCode(), outcome.toString());
  }

  private void assertFails(List<String> arguments, String message) {
    forgetTheJars();
    Outcome outcome = run(arguments.toArray(String[]::new));
    assertTrue(outcome.err().contains(message), outcome.toString());
    assertTrue(outcome.exitCode() != 0, outcome.toString());
  }
}

package dev.sparsed.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a made-up checkout whose build only leaves a note. */
class LauncherTest {

  private static final Pattern SETTING =
      Pattern.compile(
          "(?<![\\w-])-(?:D[\\w.]+|-[a-z][a-z-]+)|SPARSED_[A-Z_]+|JAVA_HOME|-pl [a-z-]+ -am [a-z]+"
              + "|\\b(?:gpu|mkl|spark)\\b|-provided|java\\.options");

  @TempDir private Path folder = Path.of("");
  private Path checkout = Path.of("");

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a checkout"));
    Files.createDirectories(checkout.resolve("jshell"));
    for (String script : List.of("sparsed", "jshell/start")) {
      Files.copy(Path.of("..", script), checkout.resolve(script));
      executable(checkout.resolve(script));
    }
    Files.createDirectories(checkout.resolve("sparsed-examples/src/main"));
    Files.createDirectories(checkout.resolve("sparsed-models/src/main"));
    Files.writeString(checkout.resolve("pom.xml"), "<project/>");
    Path build = checkout.resolve("mvnw");
    Files.writeString(
        build,
        """
        #!/bin/sh
        echo "$@" >> builds
        mkdir -p sparsed-examples/target sparsed-models/target repository
        touch sparsed-models/target/models.jar repository/library.jar
        for classpath in classpath classpath-gpu classpath-spark; do
          echo "$PWD/sparsed-models/target/models.jar:$PWD/repository/library.jar" \
            > sparsed-examples/target/$classpath
        done
        echo "$PWD/repository/spark.jar" > sparsed-examples/target/classpath-spark-provided
        """);
    executable(build);
    Path programs = Files.createDirectories(folder.resolve("programs"));
    for (String program : List.of("java", "jshell")) {
      Files.writeString(
          programs.resolve(program),
          """
        #!/bin/sh
        if [ "$1" = -version ]; then
          echo 'openjdk version "17.0.1"' >&2
          exit
        fi
        for argument; do echo "<$argument>"; done
        echo "LC_ALL=${LC_ALL:-}"
        """);
      executable(programs.resolve(program));
    }
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private String run(Path launcher, String... arguments) throws Exception {
    return runWith("", launcher, arguments);
  }

  private String runWith(String profile, Path launcher, String... arguments) throws Exception {
    return runIn(Map.of("SPARSED_PROFILE", profile), launcher, arguments);
  }

  private String runIn(Map<String, String> environment, Path launcher, String... arguments)
      throws Exception {
    ProcessBuilder builder = new ProcessBuilder();
    builder.environment().put("SPARSED_PROFILE", "");
    builder.environment().putAll(environment);
    builder.command().add(launcher.toString());
    builder.command().addAll(List.of(arguments));
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", folder.resolve("programs") + ":" + System.getenv("PATH"));
    builder.environment().put("SPARSED_JAVA_OPTS", "-Xmx1g -Da=b");
    builder.redirectErrorStream(true).directory(folder.toFile());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  private long builds() throws IOException {
    return Files.readAllLines(checkout.resolve("builds")).size();
  }

  @Test
  void buildsOnceAndPassesArgumentsOn() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    String output = run(launcher, "generate", "--prompt", "two words");
    assertTrue(output.contains("building"), output);
    assertTrue(output.contains("<two words>"), output);
    assertTrue(output.contains("<-Xmx1g>") && output.contains("<-Da=b>"), output);
    assertTrue(output.contains(checkout + "/sparsed-models/target/models.jar:"), output);
    assertTrue(output.contains("<-Dsparsed.terminal=false>"), output);
    run(launcher, "doctor");
    assertEquals(1, builds());
  }

  @Test
  void compilesForCardsOnlyWhereTheyAreAskedFor() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    run(launcher, "doctor");
    assertTrue(lastBuild().contains("-Dsparsed.nvcc=skip"), lastBuild());
    Files.delete(checkout.resolve("sparsed-examples/target/classpath-gpu"));
    runWith("gpu", launcher, "doctor");
    assertEquals(2, builds());
    assertTrue(lastBuild().contains("-Pgpu"), lastBuild());
    assertFalse(lastBuild().contains("nvcc"), lastBuild());
  }

  @Test
  void fetchesSparkOnlyWhereAClusterIsAskedFor() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    String output = run(launcher, "generate", "--prompt", "--spark");
    assertFalse(lastBuild().contains("spark,") || lastBuild().contains("-Pspark"), lastBuild());
    assertFalse(output.contains("spark.jar"), output);

    Files.delete(checkout.resolve("sparsed-examples/target/classpath-spark"));
    output = run(launcher, "eval", "accuracy", "--spark", "local[2]");
    assertTrue(lastBuild().contains("-Pspark"), lastBuild());
    String shipped = checkout + "/sparsed-models/target/models.jar";
    assertTrue(output.contains("<-Dsparsed.spark.jars=" + shipped + ","), output);
    assertTrue(output.contains(":" + checkout + "/repository/spark.jar>"), output);
    assertTrue(output.contains("<@" + checkout + "/sparsed-spark/java.options>"), output);
  }

  private String lastBuild() throws IOException {
    List<String> builds = Files.readAllLines(checkout.resolve("builds"));
    return builds.get(builds.size() - 1);
  }

  @Test
  void buildsAgainWhenASourceHasChanged() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    run(launcher, "doctor");
    Path source = Files.writeString(checkout.resolve("sparsed-models/src/main/A.java"), "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    run(launcher, "doctor");
    assertEquals(2, builds());
  }

  @Test
  void buildsAgainWhenALibraryIsGone() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    run(launcher, "doctor");
    Files.delete(checkout.resolve("repository/library.jar"));
    run(launcher, "doctor");
    assertEquals(2, builds());
  }

  @Test
  void allowsNativeCode() throws Exception {
    String output = run(checkout.resolve("sparsed"), "doctor");
    assertTrue(output.contains("<--enable-native-access=ALL-UNNAMED>"), output);
  }

  @Test
  void readsUtf8WhateverTheLocale() throws Exception {
    for (String launcher : List.of("sparsed", "jshell/start")) {
      for (Map<String, String> locale :
          List.of(
              Map.of("LC_ALL", "C", "LANG", "C.UTF-8"),
              Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", ""),
              Map.of("LC_ALL", "", "LC_CTYPE", "POSIX", "LANG", "C.UTF-8"),
              Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", "xx_XX.UTF-8"))) {
        String output = runIn(locale, checkout.resolve(launcher), "doctor");
        assertTrue(output.contains("LC_ALL=C.UTF-8"), () -> locale + output);
      }
      String output =
          runIn(
              Map.of("LC_ALL", "", "LC_CTYPE", "C.UTF-8", "LANG", "C"),
              checkout.resolve(launcher),
              "doctor");
      assertTrue(output.endsWith("LC_ALL=\n"), output);
    }
  }

  @Test
  void quietensNewerJdksOnly() throws Exception {
    Path launcher = checkout.resolve("sparsed");
    String option = "--sun-misc-unsafe-memory-access=allow>";
    assertFalse(run(launcher, "doctor").contains(option));
    Files.writeString(folder.resolve("release"), "X=1\nJAVA_VERSION=\"25.0.1\"\n");
    assertTrue(run(launcher, "doctor").contains("<" + option));
    assertTrue(run(checkout.resolve("jshell/start")).contains("<-R" + option));
    Files.writeString(folder.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    assertFalse(run(launcher, "doctor").contains(option));
  }

  @Test
  void startsJshellThroughASymbolicLink() throws Exception {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Path.of("a checkout", "jshell", "start"));
    String output = run(link, "-q");
    assertTrue(output.contains("<" + checkout + "/jshell/explore.jsh>\n<-q>"), output);
    assertTrue(output.contains("models.jar:" + checkout + "/repository/library.jar>"), output);
    assertTrue(output.contains("<-R-Xmx1g>\n<-R-Da=b>"), output);
    assertTrue(output.contains("<-R--enable-native-access=ALL-UNNAMED>"), output);
  }

  @Test
  void runsThroughASymbolicLink() throws Exception {
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Path.of("a checkout", "sparsed"));
    assertTrue(run(link, "doctor").contains("<doctor>"));
  }

  /** A launcher for Windows cannot be run here; what it hands on is the same as the other's. */
  @Test
  void theLauncherForWindowsKnowsTheSameSettings() throws IOException {
    Set<String> missing = new TreeSet<>(settings("sparsed"));
    missing.removeAll(settings("sparsed.cmd"));
    // JShell is not started there, and what is no terminal for the launcher is asked of the system.
    assertEquals(
        Set.of(
            "-Dsparsed.terminal.input",
            "-Dsparsed.terminal.output",
            "SPARSED_PROGRAM",
            "--class-path"),
        missing);
    Set<String> more = new TreeSet<>(settings("sparsed.cmd"));
    more.removeAll(settings("sparsed"));
    assertEquals(Set.of(), more);
  }

  /** Options of the JVM and the build, variables, profiles and files that a launcher names. */
  private static Set<String> settings(String launcher) throws IOException {
    String program =
        Files.readString(Path.of("..", launcher), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.startsWith("#") && !line.startsWith("rem "))
            .collect(Collectors.joining("\n"));
    return SETTING.matcher(program).results().map(MatchResult::group).collect(Collectors.toSet());
  }
}

package dev.sparsed.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What users can call of a module, as {@code javap} lists it. */
public final class PublicSurface {

  /** Where the lists are, seen from a module's folder. */
  public static final Path FILES = Path.of("../api");

  private final String text;

  private PublicSurface(String text) {
    this.text = text;
  }

  /**
   * Of the module that a class is in.
   *
   * @param any one of its classes
   * @return what it shows
   */
  public static PublicSurface of(Class<?> any)
      throws IOException, ReflectiveOperationException, URISyntaxException {
    return new PublicSurface(
        list(Path.of(any.getProtectionDomain().getCodeSource().getLocation().toURI())));
  }

  /**
   * Fails unless it is the one that is written down; with {@code -Dsparsed.api=write} it is written
   * down first.
   *
   * @param module the module's name
   */
  public void requireWritten(String module) throws IOException {
    Path file = FILES.resolve(module + ".txt");
    if ("write".equals(System.getProperty("sparsed.api"))) {
      Files.writeString(file, text);
    }
    assertTrue(Files.exists(file), () -> "no " + file + "; see the comment of this test");
    assertEquals(
        Files.readString(file),
        text,
        "the public API of " + module + " has changed: see the comment of this test");
  }

  /** The public classes outside internal packages with their public and protected members. */
  private static String list(Path classes) throws IOException, ReflectiveOperationException {
    List<String> arguments = new ArrayList<>(List.of("-protected", "-cp", classes.toString()));
    for (String name : classNames(classes)) {
      if (isPublic(Class.forName(name, false, PublicSurface.class.getClassLoader()))) {
        arguments.add(name);
      }
    }
    StringWriter text = new StringWriter();
    PrintWriter writer = new PrintWriter(text);
    int status =
        ToolProvider.findFirst("javap")
            .orElseThrow()
            .run(writer, writer, arguments.toArray(new String[0]));
    assertEquals(0, status, text::toString);
    return text.toString()
        .lines()
        .filter(line -> !line.startsWith("Compiled from"))
        .collect(Collectors.joining("\n", "", "\n"));
  }

  private static List<String> classNames(Path classes) throws IOException {
    if (Files.isDirectory(classes)) {
      return classNamesBelow(classes);
    }
    try (FileSystem jar = FileSystems.newFileSystem(classes)) {
      return classNamesBelow(jar.getPath("/"));
    }
  }

  private static List<String> classNamesBelow(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()))
          .map(name -> name.replace('/', '.').replace('\\', '.'))
          .filter(name -> !name.contains(".internal."))
          .sorted()
          .toList();
    }
  }

  private static boolean isPublic(Class<?> type) {
    for (Class<?> outer = type; outer != null; outer = outer.getEnclosingClass()) {
      if (!Modifier.isPublic(outer.getModifiers()) || outer.isAnonymousClass()) {
        return false;
      }
    }
    return true;
  }
}

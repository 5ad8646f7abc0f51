package dev.sparsed.cli.options;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Jars that add methods and families of models. */
@InSection(OptionSection.METHOD)
public final class PluginArguments {

  @Spec(Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  /** No jars, until a command line is parsed. */
  public PluginArguments() {}

  /**
   * Adds jars to what the thread's context finds, for as long as the program runs.
   *
   * @param jars files; also those of a list with commas
   */
  @Option(
      names = "--plugins",
      paramLabel = "JAR",
      split = ",",
      description =
          "Jars that add methods by name, or families of models; './sparsed methods --plugins JAR'"
              + " lists what they add. Code of theirs is run.")
  void plugins(List<Path> jars) {
    List<URL> urls = new ArrayList<>();
    for (Path jar : jars) {
      if (!Files.isRegularFile(jar)) {
        throw new ParameterException(
            spec.commandLine(), "--plugins: there is no file " + jar + "; name a jar");
      }
      try {
        new ZipFile(jar.toFile()).close(); // Class loaders pass over what is no jar.
        urls.add(jar.toUri().toURL());
      } catch (IOException e) {
        throw new ParameterException(
            spec.commandLine(), "--plugins: " + jar + " is no jar: " + e.getMessage(), e);
      }
    }
    Thread thread = Thread.currentThread();
    thread.setContextClassLoader(
        new URLClassLoader(urls.toArray(new URL[0]), thread.getContextClassLoader()));
  }
}

package dev.sparsed.examples.bench;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;

/** The machine and the versions that a measurement was made with. */
public final class Environment {

  private Environment() {}

  /**
   * The machine.
   *
   * @return operating system, processor, its logical cores and the memory in bytes
   */
  public static Map<String, Object> machine() {
    Map<String, Object> machine = new LinkedHashMap<>();
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("arch", System.getProperty("os.arch"));
    machine.put("cpu", processor());
    machine.put("cores", Runtime.getRuntime().availableProcessors());
    machine.put("memory_bytes", memoryBytes());
    return machine;
  }

  /**
   * The versions of the library and of what it runs on.
   *
   * @return version by name
   */
  public static Map<String, String> versions() {
    Map<String, String> versions = new LinkedHashMap<>();
    versions.put("sparsed", libraryVersion());
    versions.put("java", System.getProperty("java.runtime.version"));
    versions.put("pytorch", artifactVersion("pytorch"));
    versions.put("javacpp", artifactVersion("javacpp"));
    return versions;
  }

  private static String libraryVersion() {
    try (InputStream stream = Environment.class.getResourceAsStream("version.properties")) {
      Properties properties = new Properties();
      if (stream != null) {
        properties.load(stream);
      }
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String artifactVersion(String artifact) {
    try {
      return Loader.getVersion("org.bytedeco", artifact);
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static long memoryBytes() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : 0;
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}

package dev.sparsed.text.internal;

import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.helpers.NOPLogger;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Loggers of SLF4J where the program has a logging library. Where it has none nothing is logged,
 * nor does SLF4J print that it found none.
 */
public final class Loggers {

  private static final boolean THERE = isThere();

  private Loggers() {}

  /**
   * The logger of a class.
   *
   * @param type the class
   * @return SLF4J's, or one that is silent
   */
  public static Logger of(Class<?> type) {
    return THERE ? LoggerFactory.getLogger(type) : NOPLogger.NOP_LOGGER;
  }

  /** Looks where SLF4J itself looks, without making anything. */
  private static boolean isThere() {
    try {
      return System.getProperty("slf4j.provider") != null
          || ServiceLoader.load(SLF4JServiceProvider.class, LoggerFactory.class.getClassLoader())
              .stream()
              .findAny()
              .isPresent();
    } catch (ServiceConfigurationError | NoClassDefFoundError e) {
      return true; // Broken, or SLF4J 1, which looks in other ways: SLF4J's own to handle.
    }
  }
}

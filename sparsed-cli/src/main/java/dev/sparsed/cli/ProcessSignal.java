package dev.sparsed.cli;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * A signal that asks the process to end. The JVM offers only {@code sun.misc.Signal}, whose every
 * mention is a warning that no compiler option silences; hence reflection. Where the module {@code
 * jdk.unsupported} is not there, signals do what the JVM does with them.
 */
enum ProcessSignal {
  /** Ctrl-C. */
  INT(2),
  /** What {@code kill} sends, and a system that shuts down. */
  TERM(15),
  /** The terminal is gone. */
  HUP(1);

  private static final String SIGNAL = "sun.misc.Signal";
  private static final String HANDLER = "sun.misc.SignalHandler";

  private final int number;

  ProcessSignal(int number) {
    this.number = number;
  }

  /**
   * Runs an action, on a thread of its own, whenever the signal arrives. A signal that the process
   * was started to ignore, as {@code nohup} does with {@link #HUP}, stays ignored.
   */
  void onArrival(Runnable action) {
    try {
      Class<?> handler = Class.forName(HANDLER);
      handle(
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> answer(proxy, method, arguments, action)));
    } catch (ReflectiveOperationException e) {
      // This JVM has no such signal, or keeps it for itself.
    }
  }

  private static Object answer(Object proxy, Method method, Object[] arguments, Runnable action) {
    return switch (method.getName()) {
      case "handle" -> {
        action.run();
        yield proxy; // Ignored, as the method returns nothing.
      }
      case "equals" -> arguments[0] == proxy;
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "sparsed's handler";
    };
  }

  /**
   * Ends the process by the signal's default action, which runs neither Java's shutdown hooks nor
   * the exit handlers of native libraries, whose other threads may still be computing. Does not
   * return.
   */
  void end() {
    try {
      Class<?> handler = Class.forName(HANDLER);
      handle(handler.getField("SIG_DFL").get(null));
      send();
    } catch (ReflectiveOperationException | IOException e) {
      // Then as the JVM would have ended.
    } finally {
      // Reached where no signal can be sent, and where the system spares this process, as it does
      // the first of a container. Exit handlers of native libraries run.
      Runtime.getRuntime().halt(128 + number);
    }
  }

  /**
   * Java's own way to raise a signal refuses one that Java does not handle. On Windows a shell, if
   * there is one, counts processes in its own way, and would signal another.
   */
  private void send() throws IOException {
    if (File.separatorChar == '\\') {
      return;
    }
    String command = "kill -s " + name() + " " + ProcessHandle.current().pid();
    new ProcessBuilder("sh", "-c", command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .onExit()
        .join();
  }

  private void handle(Object handler) throws ReflectiveOperationException {
    Class.forName(SIGNAL)
        .getMethod("handle", Class.forName(SIGNAL), Class.forName(HANDLER))
        .invoke(null, signal(), handler);
  }

  /** Throws an {@link InvocationTargetException} where there is no such signal. */
  private Object signal() throws ReflectiveOperationException {
    return Class.forName(SIGNAL).getConstructor(String.class).newInstance(name());
  }
}

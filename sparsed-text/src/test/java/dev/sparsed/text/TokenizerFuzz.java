package dev.sparsed.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The child process of a fuzz run: loads random definitions one after the other and runs texts
 * through those that are accepted. It prints the number of each definition before it is tried and
 * what came of it behind, so that the parent knows which one ended the process.
 */
final class TokenizerFuzz {

  static final String UNCHECKED = "unchecked";

  private static final int TEXTS = 20;
  private static final long MAX_NANOS = 5_000_000_000L;
  private static final long MAX_MEGABYTES = 1024;

  private final PrintStream out;
  private final boolean checked;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final long worker = Thread.currentThread().getId();

  /** Processor time, so that a busy machine hangs nothing; 0 while nothing is tried. */
  private final AtomicLong started = new AtomicLong();

  private long slowest;

  private TokenizerFuzz(PrintStream out, boolean checked) {
    this.out = out;
    this.checked = checked;
  }

  /** Arguments: first number, one behind the last, a folder to write to, optionally UNCHECKED. */
  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    TokenizerFuzz fuzz = new TokenizerFuzz(out, arguments.length < 4);
    Thread watchdog = new Thread(fuzz::watch, "watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    for (long number = Long.parseLong(arguments[0]);
        number < Long.parseLong(arguments[1]);
        number++) {
      out.print(number);
      out.print(' ');
      out.flush();
      out.println(fuzz.attempt(number, Path.of(arguments[2])));
    }
  }

  private void watch() {
    while (true) {
      long since = started.get();
      if (since != 0 && threads.getThreadCpuTime(worker) - since > MAX_NANOS) {
        out.println("HANG");
        Runtime.getRuntime().halt(3);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void start() {
    long now = threads.getThreadCpuTime(worker);
    long since = started.getAndSet(now);
    slowest = Math.max(slowest, since == 0 ? 0 : now - since);
  }

  private String attempt(long number, Path folder) throws IOException {
    ObjectNode definition = RandomDefinitions.definition(number);
    List<String> texts = RandomValues.texts(number, TEXTS);
    String outcome;
    slowest = 0;
    try {
      outcome = checked ? throughChecks(definition, texts, folder) : direct(definition, texts);
    } catch (RuntimeException | Error e) {
      outcome = "EXCEPTION " + e;
    } finally {
      start();
      started.set(0);
    }
    long memory = megabytes();
    if (memory > MAX_MEGABYTES) {
      out.println("MEMORY " + memory);
      Runtime.getRuntime().halt(4);
    }
    return slowest / 1_000_000 + " ms " + outcome;
  }

  private String throughChecks(ObjectNode definition, List<String> texts, Path folder)
      throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), definition.toString());
    start();
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int encoded = 0;
      for (String text : texts) {
        start();
        try {
          int[] ids = tokenizer.encode(text, Tokenizer.SpecialTokens.ADD);
          encoded++;
          start();
          tokenizer.decode(ids, encoded % 2 == 0);
        } catch (IllegalArgumentException e) {
          // too long for this tokenizer, as documented
        }
      }
      start();
      int[] all = new int[tokenizer.vocabularySize() % 20_000];
      Arrays.setAll(all, i -> i);
      tokenizer.decode(all, false);
      return encoded == texts.size() ? "accepted" : "accepted, " + encoded + " texts encoded";
    } catch (TokenizerException e) {
      return "refused " + e.getMessage();
    }
  }

  private String direct(ObjectNode definition, List<String> texts) {
    definition.putNull("truncation");
    definition.putNull("padding");
    for (JsonNode token : definition.path("added_tokens")) {
      ((ObjectNode) token).remove("id");
      ((ObjectNode) token).put("id", 100_000);
    }
    start();
    try (NativeTokenizer tokenizer = NativeTokenizer.create(definition.toString(), "random")) {
      for (String text : texts) {
        start();
        int[] ids = tokenizer.encode(text, true);
        start();
        long[] wide = new long[ids.length];
        Arrays.setAll(wide, i -> ids[i]);
        tokenizer.decode(wide, false);
      }
      return "accepted";
    } catch (TokenizerException e) {
      return "refused " + e.getMessage();
    }
  }

  private static long megabytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    return 0;
  }
}

package dev.sparsed.cli;

import com.google.common.collect.ImmutableList;
import dev.sparsed.models.GenerationRequest;
import dev.sparsed.models.method.Method;
import dev.sparsed.pattern.PatternPicture;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the lines of a chat do: turns for the model, and commands that begin with a slash. */
final class ChatSession {

  /** What a line may begin with. */
  static final ImmutableList<String> COMMANDS =
      ImmutableList.of("/help", "/method", "/pattern", "/save", "/reset", "/quit");

  private static final String HELP =
      """
      /method [NAME]           how answers are generated: full, sparsed, sparsed+dual-cache, ...
      /pattern [LAYER [HEAD]]  which blocks a head reads while it answers the last turn
      /save FILE               the conversation, as text or, in a FILE.json, as JSON
      /reset                   forget all turns
      /quit                    end; so does Ctrl-D
      Ctrl-C stops an answer or takes a line away; typed twice it ends.
      A line that begins with // is a turn that begins with one slash.
      """;

  private static final int PICTURE_WIDTH = 80;

  private final ChatTurns turns;
  private final ChatProgress progress;
  private final PrintWriter out;
  private final PrintWriter err;
  private Method method;

  ChatSession(
      ChatTurns turns, ChatProgress progress, Method method, PrintWriter out, PrintWriter err) {
    this.turns = turns;
    this.progress = progress;
    this.method = method;
    this.out = out;
    this.err = err;
  }

  /** Says what can be typed, to somebody who types. */
  void welcome(String model, boolean typed) {
    if (typed) {
      say("Talking with " + model + ", method " + method.name() + ". /help lists the commands.");
    }
    if (!turns.remembers()) {
      say("The checkpoint has no chat template: it sees every line alone, as it is.");
    }
  }

  /**
   * Takes a line.
   *
   * @return whether there may be another
   */
  boolean take(String line) throws Exception {
    String text = line.strip();
    if (text.isEmpty()) {
      return true;
    }
    try {
      if (!text.startsWith("/") || text.startsWith("//")) {
        return answer(text.startsWith("//") ? text.substring(1) : text);
      }
      List<String> words = List.of(text.split("\\s+", 2));
      return command(words.get(0), words.size() > 1 ? words.get(1) : "");
    } catch (IllegalArgumentException | BadUseException e) {
      say(String.valueOf(e.getMessage())); // The next line may do better.
    } catch (IOException e) {
      say(FileFailures.text(e).orElseGet(() -> String.valueOf(e.getMessage())));
    }
    return true;
  }

  private boolean command(String name, String rest) throws Exception {
    switch (name) {
      case "/help" -> say(HELP.stripTrailing());
      case "/method" -> method(rest);
      case "/pattern" -> pattern(rest);
      case "/save" -> save(rest);
      case "/reset" -> {
        turns.reset();
        say("All turns are forgotten.");
      }
      case "/quit", "/exit" -> {
        return false;
      }
      default -> say(name + " is no command; /help lists them");
    }
    return true;
  }

  private boolean answer(String text) throws Exception {
    ChatTurns.Answered answered = turns.answer(method, text, progress);
    boolean goesOn = Interruption.goOn();
    if (!answered.answer().isEmpty()) {
      out.println(answered.answer());
      out.flush();
    } else if (!answered.result().cancelled()) {
      say(AnswerReport.EMPTY + " The turn is left out of the conversation.");
    }
    say(
        String.format(
            Locale.ROOT,
            "[%s%.1f s, %d tokens in view, %s]",
            answered.result().cancelled() ? "stopped, " : "",
            answered.result().time().toNanos() / 1e9,
            answered.result().sequences().get(0).size(),
            answered.result().sparsity().sparse() ? "sparse attention" : "full attention"));
    return goesOn;
  }

  private void method(String name) {
    if (name.isEmpty()) {
      say("method " + method.name() + "; others: " + String.join(", ", Method.presets()));
      return;
    }
    Method wanted = Method.parse(name);
    turns.check(wanted);
    method = wanted;
    say("method " + method.name());
  }

  private void pattern(String which) throws Exception {
    Optional<GenerationRequest.Builder> request = turns.lastRequest(Method.SPARSED);
    if (request.isEmpty()) {
      say("there is no turn yet whose pattern could be shown");
      return;
    }
    int[] numbers = numbers(which);
    int layers = turns.model().config().architecture().layers();
    int layer = numbers.length > 0 ? index("the layer", numbers[0], layers) : layers - 1;
    int head =
        numbers.length > 1
            ? index("the head", numbers[1], turns.model().config().architecture().heads())
            : 0;
    PatternRun run =
        PatternGeneration.sparseD(new PatternArguments(), false, false)
            .run("", turns.model(), request.get(), err);
    if (!Interruption.goOn() || run.layers().isEmpty()) {
      return;
    }
    PatternPicture picture =
        PatternPicture.of(run.layer(layer))
            .titled("layer " + layer)
            .generating(run.generationLength());
    out.println(picture.text(head, PICTURE_WIDTH));
    out.flush();
  }

  private static int[] numbers(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    if (!text.matches("\\d{1,9}(\\s+\\d{1,9})?")) {
      throw new IllegalArgumentException("/pattern takes a layer and a head, such as /pattern 2 0");
    }
    return List.of(text.split("\\s+", -1)).stream().mapToInt(Integer::parseInt).toArray();
  }

  private static int index(String what, int index, int count) {
    if (index >= count) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s must be 0 to %d but is %d", what, count - 1, index));
    }
    return index;
  }

  private void save(String file) throws IOException {
    if (file.isEmpty()) {
      throw new IllegalArgumentException("/save takes the name of a file");
    }
    try {
      ChatFile.save(Path.of(file), turns.messages());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("/save: " + e.getMessage(), e);
    }
    say("saved " + file);
  }

  private void say(String text) {
    err.println(text);
    err.flush();
  }
}

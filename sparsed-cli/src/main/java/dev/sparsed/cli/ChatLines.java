package dev.sparsed.cli;

import dev.sparsed.cli.console.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Attributes;
import org.jspecify.annotations.Nullable;

/** What a user says, line by line: edited on a terminal, as it comes elsewhere. */
final class ChatLines implements AutoCloseable {

  private static final String PROMPT = "> ";

  /** Name of what Ctrl-C does to a line. */
  private static final String INTERRUPT = "interrupt";

  private final BufferedReader plain;
  private final org.jline.terminal.@Nullable Terminal terminal;
  private final @Nullable LineReader editor;

  /** Whether the last that was typed is Ctrl-C, where there was no line. */
  private boolean asked;

  private ChatLines(BufferedReader plain, org.jline.terminal.@Nullable Terminal terminal) {
    this.plain = plain;
    this.terminal = terminal;
    this.editor = terminal == null ? null : editor(terminal);
  }

  /**
   * The lines of standard input.
   *
   * @param input what is read where it is not a terminal, in UTF-8
   * @return the lines
   */
  static ChatLines of(InputStream input) throws IOException {
    BufferedReader plain = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
    boolean edited = Terminal.INPUT.isThere() && Terminal.OUTPUT.isThere();
    return new ChatLines(plain, edited ? Terminal.OUTPUT.open() : null);
  }

  private static LineReader editor(org.jline.terminal.Terminal terminal) {
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("sparsed")
            .completer(new StringsCompleter(ChatSession.COMMANDS))
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .build();
    // While a line is edited Ctrl-C is a key.
    reader
        .getWidgets()
        .put(
            INTERRUPT,
            () -> {
              throw new UserInterruptException(reader.getBuffer().toString());
            });
    KeyMap<Binding> keys = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
    keys.bind(new Reference(INTERRUPT), KeyMap.ctrl('C'));
    return reader;
  }

  /** The terminal, where lines are edited. */
  Optional<org.jline.terminal.Terminal> terminal() {
    return Optional.ofNullable(terminal);
  }

  /** The next line; empty at the end of the input. */
  Optional<String> next() throws IOException {
    if (terminal == null || editor == null) {
      return Optional.ofNullable(plain.readLine());
    }
    Attributes before = terminal.getAttributes();
    Attributes editing = new Attributes(before);
    editing.setLocalFlag(Attributes.LocalFlag.ISIG, false);
    terminal.setAttributes(editing);
    try {
      String line = editor.readLine(PROMPT);
      asked = false;
      return Optional.of(line);
    } catch (UserInterruptException e) {
      return interrupted(e.getPartialLine());
    } catch (EndOfFileException e) {
      return Optional.empty();
    } finally {
      terminal.setAttributes(before);
      // The editor takes Ctrl-C for itself and leaves it to the system afterwards, whatever it was.
      Interruption.heedSignals();
    }
  }

  /** Ctrl-C takes a line away; where there was none, it ends if it is typed again. */
  private Optional<String> interrupted(String line) {
    if (!line.isBlank()) {
      asked = false;
    } else if (asked) {
      return Optional.empty();
    } else if (terminal != null) {
      asked = true;
      terminal.writer().println("Ctrl-C again, /quit or Ctrl-D ends.");
      terminal.flush();
    }
    return Optional.of("");
  }

  @Override
  public void close() throws IOException {
    if (terminal != null) {
      terminal.close();
    }
  }
}

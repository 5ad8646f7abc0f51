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

  private final BufferedReader plain;
  private final org.jline.terminal.@Nullable Terminal terminal;
  private final @Nullable LineReader editor;

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
    // While a line is edited Ctrl-C is a key: it takes the line away.
    KeyMap<Binding> keys = Objects.requireNonNull(reader.getKeyMaps().get(LineReader.MAIN));
    keys.bind(new Reference(LineReader.SEND_BREAK), KeyMap.ctrl('C'));
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
      return Optional.of(editor.readLine(PROMPT));
    } catch (UserInterruptException e) {
      return Optional.of("");
    } catch (EndOfFileException e) {
      return Optional.empty();
    } finally {
      terminal.setAttributes(before);
    }
  }

  @Override
  public void close() throws IOException {
    if (terminal != null) {
      terminal.close();
    }
  }
}

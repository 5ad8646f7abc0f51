package dev.sparsed.eval.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.eval.accuracy.JsonLines;
import dev.sparsed.internal.Utf8;
import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table of commands. Every cell is the command of its column with the arguments of its row; the
 * commands under {@code prepare} run before all cells. Texts may name variables as {@code ${name}}.
 *
 * @param title what the table is
 * @param about what a user must know and provide
 * @param prepare commands that run first
 * @param rows the rows
 * @param columns the columns
 */
public record RunFile(
    String title,
    ImmutableList<String> about,
    ImmutableList<Step> prepare,
    ImmutableList<Row> rows,
    ImmutableList<Column> columns) {

  private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)\\}");
  private static final ImmutableSet<String> FIELDS =
      ImmutableSet.of("title", "about", "variables", "prepare", "rows", "columns");
  private static final ImmutableSet<String> COMMANDS = ImmutableSet.of("accuracy", "speed", "exam");

  /**
   * A command that makes something the cells need.
   *
   * @param makes the file that it makes; if that is there already, the command is passed over
   * @param command the command's name and arguments
   */
  public record Step(Path makes, ImmutableList<String> command) {}

  /**
   * A row.
   *
   * @param name its name in the table
   * @param arguments what is added to every column's command
   */
  public record Row(String name, ImmutableList<String> arguments) {}

  /**
   * A column.
   *
   * @param name its name in the table
   * @param command {@code accuracy}, {@code speed} or {@code exam} and its arguments
   */
  public record Column(String name, ImmutableList<String> command) {}

  /**
   * Reads a run file.
   *
   * @param file the file, one JSON object
   * @param given values of variables; they win over the file's own
   * @return the table with all variables filled in
   * @throws RunFileException if the file is malformed or a variable has no value
   * @throws IOException if the file cannot be read
   */
  public static RunFile read(Path file, Map<String, String> given)
      throws IOException, RunFileException {
    try {
      return parse(Utf8.read(file), given);
    } catch (IllegalArgumentException e) {
      throw new RunFileException(file, String.valueOf(e.getMessage()), e);
    }
  }

  static RunFile parse(String text, Map<String, String> given) {
    JsonNode node = JsonLines.parse(text);
    node.fieldNames()
        .forEachRemaining(
            name -> require(FIELDS.contains(name), "has the unknown field " + Quoted.of(name)));
    Variables variables = Variables.of(node.path("variables"), given);
    ImmutableList.Builder<Step> prepare = ImmutableList.builder();
    for (JsonNode step : node.path("prepare")) {
      prepare.add(
          new Step(
              Path.of(variables.fill(text(step, "makes"))), texts(step, "command", variables)));
    }
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    for (JsonNode row : list(node, "rows")) {
      rows.add(new Row(text(row, "name"), texts(row, "arguments", variables)));
    }
    ImmutableList.Builder<Column> columns = ImmutableList.builder();
    for (JsonNode column : list(node, "columns")) {
      ImmutableList<String> command = texts(column, "command", variables);
      require(
          !command.isEmpty() && COMMANDS.contains(command.get(0)),
          "has a column whose command is not one of " + COMMANDS);
      columns.add(new Column(text(column, "name"), command));
    }
    RunFile read =
        new RunFile(
            text(node, "title"),
            texts(node, "about", variables),
            prepare.build(),
            rows.build(),
            columns.build());
    read.requireDistinctFiles();
    return read;
  }

  private void requireDistinctFiles() {
    Set<String> names = new HashSet<>();
    for (Row row : rows) {
      for (Column column : columns) {
        require(
            names.add(fileName(row, column)),
            "has two cells that would write to " + fileName(row, column));
      }
    }
  }

  /**
   * The beginning of the names of a cell's files.
   *
   * @param row the row
   * @param column the column
   * @return letters, digits and hyphens
   */
  public static String fileName(Row row, Column column) {
    return plain(column.name()) + "--" + plain(row.name());
  }

  private static String plain(String name) {
    return Ascii.toLowerCase(name).replaceAll("[^a-z0-9.]+", "-").replaceAll("^-|-$", "");
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  private static JsonNode list(JsonNode node, String field) {
    JsonNode list = node.path(field);
    require(list.isArray() && !list.isEmpty(), "has no '" + field + "'");
    return list;
  }

  private static String text(JsonNode node, String field) {
    JsonNode text = node.path(field);
    require(text.isTextual() && !text.textValue().isBlank(), "lacks a '" + field + "'");
    return text.textValue();
  }

  private static ImmutableList<String> texts(JsonNode node, String field, Variables variables) {
    JsonNode list = node.path(field);
    require(list.isArray(), "lacks a list '" + field + "'");
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (JsonNode element : list) {
      require(
          element.isTextual(),
          "has something in '" + field + "' that is no text: " + Quoted.of(element.toString()));
      texts.add(variables.fill(element.textValue()));
    }
    return texts.build();
  }

  /** Values by name. */
  private record Variables(ImmutableMap<String, String> values, ImmutableSet<String> missing) {

    static Variables of(JsonNode declared, Map<String, String> given) {
      Map<String, String> values = new HashMap<>();
      ImmutableSet.Builder<String> missing = ImmutableSet.builder();
      declared
          .properties()
          .forEach(
              entry -> {
                String name = entry.getKey();
                String value = given.get(name);
                if (value != null) {
                  values.put(name, value);
                } else if (entry.getValue().isTextual()) {
                  values.put(name, entry.getValue().textValue());
                } else {
                  missing.add(name);
                }
              });
      for (String name : given.keySet()) {
        require(declared.has(name) || name.equals("out"), "knows no variable " + Quoted.of(name));
      }
      values.putIfAbsent("out", given.getOrDefault("out", "."));
      return new Variables(ImmutableMap.copyOf(values), missing.build());
    }

    String fill(String text) {
      Matcher matcher = VARIABLE.matcher(text);
      StringBuilder filled = new StringBuilder();
      while (matcher.find()) {
        String name = matcher.group(1);
        require(
            !missing.contains(name),
            "needs a value of '" + name + "': give --set " + name + "=...");
        String value = values.get(name);
        require(value != null, "uses the variable '" + name + "' but does not declare it");
        matcher.appendReplacement(filled, Matcher.quoteReplacement(String.valueOf(value)));
      }
      return matcher.appendTail(filled).toString();
    }
  }
}

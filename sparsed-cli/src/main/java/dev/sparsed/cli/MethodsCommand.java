package dev.sparsed.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.cli.options.PluginArguments;
import dev.sparsed.models.method.MethodCatalog;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command {@code methods}. */
@Command(
    name = "methods",
    description = "Lists the parts that methods are made of.",
    footer = {
      "",
      "Examples:",
      "  ./sparsed methods",
      "  ./sparsed methods --json",
      "  ./sparsed methods --help"
    })
final class MethodsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @SuppressWarnings("UnusedVariable") // Adds the jars while it is parsed.
  @Mixin
  private final PluginArguments plugins = new PluginArguments();

  @Mixin private final OutputArguments output = new OutputArguments();

  @Override
  public Integer call() {
    List<MethodCatalog.Entry> entries = MethodCatalog.entries();
    PrintWriter out = spec.commandLine().getOut();
    if (output.json()) {
      ArrayNode array = JsonNodeFactory.instance.arrayNode();
      entries.forEach(entry -> array.add(json(entry)));
      Json.print(out, array);
    } else {
      entries.forEach(entry -> print(out, entry));
    }
    return 0;
  }

  private static ObjectNode json(MethodCatalog.Entry entry) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("name", entry.name());
    node.put("decides", entry.decides());
    node.put("description", entry.description());
    node.put("origin", entry.origin());
    ObjectNode settings = node.putObject("settings");
    entry.defaults().forEach(settings::put);
    return node;
  }

  private static void print(PrintWriter out, MethodCatalog.Entry entry) {
    out.printf("%-16s %-10s %s%n", entry.name(), entry.decides(), entry.description());
    if (!entry.defaults().isEmpty()) {
      out.printf(
          "%-27s settings: %s%n",
          "",
          entry.defaults().entrySet().stream()
              .map(setting -> setting.getKey() + "=" + setting.getValue())
              .collect(Collectors.joining(", ")));
    }
    if (!entry.origin().equals("sparsed")) {
      out.printf("%-27s from %s%n", "", entry.origin());
    }
  }
}

package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.models.DiffusionModel;
import java.util.Locale;

/** What all reports of benchmarks begin with. */
final class ReportHead {

  private ReportHead() {}

  /** Adds the model that was measured, and what the user calls it. */
  static void addModel(ObjectNode root, String name, DiffusionModel.Description model) {
    root.put("model", name)
        .put("model_class", model.modelClass())
        .put("parameters", model.parameters())
        .put("dtype", model.precision().name().toLowerCase(Locale.ROOT))
        .put("device", model.device().toString())
        .put("attention", model.attention());
  }

  /** Adds {@code machine}, {@code versions} and {@code runtime}. */
  static void addEnvironment(ObjectNode root) {
    ObjectNode machine = root.putObject("machine");
    Environment.machine().forEach(machine::putPOJO);
    ObjectNode versions = root.putObject("versions");
    Environment.versions().forEach(versions::put);
    ObjectNode runtime = root.putObject("runtime");
    Environment.runtime().forEach(runtime::put);
  }
}

package dev.sparsed.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.internal.calibration.CalibrationWork;
import dev.sparsed.attention.internal.calibration.MeasuredCosts;
import dev.sparsed.cuda.Cuda;
import dev.sparsed.cuda.DeviceProperties;
import dev.sparsed.models.internal.torch.Calibration;
import dev.sparsed.models.internal.torch.CalibrationRun;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.torch.TorchRuntime;
import java.io.PrintWriter;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.global.torch;

/** Measures the speed of attention on every device anew, and shows it. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class CalibrationReport {

  private CalibrationReport() {}

  /** Measures; takes a third of a second for each kind of work and device. */
  static ObjectNode renew() {
    MeasuredCosts costs = Calibration.ofProcess();
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("folder", costs.folder().map(kept -> kept.path().toString()).orElse("kept nowhere"));
    CalibrationRun run = new CalibrationRun(KernelAttention.standard(), costs);
    ArrayNode measurements = report.putArray("measurements");
    try (PointerScope scope = new PointerScope()) {
      add(measurements, "cpu", run, TorchRuntime.cpu());
      if (torch.cuda_is_available()) {
        for (DeviceProperties card : Cuda.devices()) {
          add(measurements, "cuda:" + card.ordinal(), run, TorchRuntime.cuda(card.ordinal()));
        }
      }
    }
    return report;
  }

  private static void add(
      ArrayNode measurements, String device, CalibrationRun run, Device handle) {
    for (CalibrationRun.Renewed renewed : run.on(handle)) {
      CalibrationWork work = renewed.work();
      ObjectNode node = measurements.addObject();
      node.put("device", device)
          .put("type", work.type().shortName())
          .put("heads", work.heads())
          .put("kv_heads", work.kvHeads())
          .put("head_dimension", work.headDimension())
          .put("blocks", work.blocks().toString());
      renewed.measurement().timings().ifPresent(timings -> put(node, timings));
      if (!renewed.measurement().remark().isEmpty()) {
        node.put("remark", renewed.measurement().remark());
      }
    }
  }

  /** The measurement's own numbers. */
  static void put(ObjectNode node, AttentionTimings timings) {
    node.put("measured_at", timings.measuredAt().toString())
        .put("measured_heads", timings.shape().heads())
        .put("tokens", timings.shape().keyLength())
        .put("density", timings.density())
        .put("full_seconds", timings.denseSeconds())
        .put("sparse_seconds", timings.sparseSeconds())
        .put("pattern_seconds", timings.selectSeconds());
  }

  static void print(PrintWriter out, ObjectNode report) {
    out.printf(Locale.ROOT, "%-18s %s%n", "calibration", report.path("folder").asText());
    out.printf(
        Locale.ROOT,
        "%n%-7s %-55s %6s %5s %9s %9s %7s %10s%n",
        "device",
        "work",
        "tokens",
        "heads",
        "full ms",
        "sparse ms",
        "density",
        "pattern ms");
    report.path("measurements").forEach(node -> print(out, node));
    out.flush();
  }

  private static void print(PrintWriter out, JsonNode node) {
    String work =
        String.format(
            Locale.ROOT,
            "%s heads (%s of keys) of %s in %s, blocks of %s",
            node.path("heads").asText(),
            node.path("kv_heads").asText(),
            node.path("head_dimension").asText(),
            node.path("type").asText(),
            node.path("blocks").asText());
    out.printf(Locale.ROOT, "%-7s %-55s", node.path("device").asText(), work);
    if (node.has("tokens")) {
      out.printf(
          Locale.ROOT,
          " %6d %5d %9.2f %9.2f %7.2f %10.2f",
          node.path("tokens").asInt(),
          node.path("measured_heads").asInt(),
          1e3 * node.path("full_seconds").asDouble(),
          1e3 * node.path("sparse_seconds").asDouble(),
          node.path("density").asDouble(),
          1e3 * node.path("pattern_seconds").asDouble());
    }
    out.println();
    if (node.has("remark")) {
      out.printf(Locale.ROOT, "%-7s (%s)%n", "", node.path("remark").asText());
    }
  }
}

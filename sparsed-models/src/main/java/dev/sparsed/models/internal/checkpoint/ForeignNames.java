package dev.sparsed.models.internal.checkpoint;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.internal.Quoted;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the names of stored tensors say of weights that are not those of a plain checkpoint. */
final class ForeignNames {
  private static final String PEFT = "base_model.model.";

  /** Ends of names, with the method whose tensors are called so. */
  private static final ImmutableMap<String, String> QUANTIZED =
      ImmutableMap.<String, String>builder()
          .put(".qweight", "GPTQ or AWQ")
          .put(".qzeros", "GPTQ or AWQ")
          .put(".g_idx", "GPTQ")
          .put(".absmax", "bitsandbytes")
          .put(".quant_map", "bitsandbytes")
          .put(".quant_state.bitsandbytes__nf4", "bitsandbytes")
          .put(".quant_state.bitsandbytes__fp4", "bitsandbytes")
          .put(".SCB", "bitsandbytes")
          .put(".weight_format", "bitsandbytes")
          .put(".weight_scale_inv", "FP8")
          .put(".weight_scale", "FP8 or compressed-tensors")
          .put(".weight_packed", "compressed-tensors")
          .put(".q_weight", "EXL2")
          .put(".W_q", "HQQ")
          .buildOrThrow();

  private ForeignNames() {}

  /** What kind of weights these are, and what to do; empty where the names tell nothing. */
  static Optional<String> kind(Collection<TensorSpec> expected, Set<String> stored) {
    return quantized(stored).or(() -> adapted(stored)).or(() -> prefixed(expected, stored));
  }

  private static Optional<String> quantized(Set<String> stored) {
    for (String name : stored) {
      for (Map.Entry<String, String> method : QUANTIZED.entrySet()) {
        if (name.endsWith(method.getKey())) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "the weights are quantised with %s (%s), which is not supported; use the bfloat16 checkpoint",
                  method.getValue(),
                  Quoted.of(name)));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> adapted(Set<String> stored) {
    return stored.stream()
        .filter(name -> name.contains(".lora_A.") || name.contains(".base_layer."))
        .findFirst()
        .map(
            name ->
                String.format(
                    Locale.ROOT,
                    "an adapter stands unmerged among the weights (%s); merge it with PEFT's merge_and_unload() and save the model again",
                    Quoted.of(name)));
  }

  /** A wrapper's name before every name, as torch's parallel and compiled modules leave it. */
  private static Optional<String> prefixed(Collection<TensorSpec> expected, Set<String> stored) {
    List<String> required =
        expected.stream().filter(TensorSpec::required).map(TensorSpec::name).toList();
    for (String name : ImmutableSet.of(required.get(0), withoutModel(required.get(0)))) {
      for (String found : stored) {
        String prefix = found.substring(0, Math.max(0, found.length() - name.length()));
        if (!prefix.endsWith(".") || !found.endsWith(name) || required.contains(found)) {
          continue;
        }
        long matching =
            required.stream()
                .filter(
                    wanted ->
                        stored.contains(prefix + wanted)
                            || stored.contains(prefix + withoutModel(wanted)))
                .count();
        if (matching > required.size() / 2) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "the names of the tensors begin with %s, which the model's do not; save it without %s, or rename them",
                  Quoted.of(prefix),
                  prefix.equals(PEFT) ? "PEFT's wrapper" : "the wrapper of that name"));
        }
      }
    }
    return Optional.empty();
  }

  private static String withoutModel(String name) {
    return name.startsWith("model.") ? name.substring("model.".length()) : name;
  }
}

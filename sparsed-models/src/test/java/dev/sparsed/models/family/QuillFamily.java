package dev.sparsed.models.family;

import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.Locale;
import java.util.Set;

/** What a stranger's jar adds: Dream's layers under fields and names of its own. */
public final class QuillFamily implements ModelFamily {

  @Override
  public String name() {
    return "Quill";
  }

  @Override
  public Set<String> modelClasses() {
    return Set.of("QuillForDiffusion");
  }

  @Override
  public Architecture architecture(ConfigFields fields) {
    int longest = fields.integer("longest", 512, 1, 1 << 20);
    return Architecture.builder()
        .vocabulary(fields.width("tokens", 1000))
        .maxPositions(longest)
        .layers(fields.layers("depth", 1))
        .widths(fields.width("width", 64), fields.width("inner", 176))
        .heads(fields.width("heads", 4), fields.width("kv_heads", 2))
        .biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE)
        .rotary(fields.rotary(longest))
        .logitShift(1)
        .build();
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return DreamDecoding.DEMO.asDefaultOf(name(), DreamDecoding.DEFAULT);
  }

  @Override
  public String moduleName(ModelPart part, int layer) {
    return part.isInLayers()
        ? "quill.stack." + layer + "." + part.name().toLowerCase(Locale.ROOT)
        : "quill." + part.name().toLowerCase(Locale.ROOT);
  }
}

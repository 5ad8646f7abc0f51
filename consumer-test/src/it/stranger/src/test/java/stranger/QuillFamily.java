package stranger;

import dev.sparsed.models.family.Architecture;
import dev.sparsed.models.family.ConfigFields;
import dev.sparsed.models.family.FamilyDecoding;
import dev.sparsed.models.family.ModelFamily;
import dev.sparsed.models.family.ModelPart;
import dev.sparsed.models.family.Rotary;
import dev.sparsed.models.family.dream.DreamDecoding;
import java.util.Set;

/** A family of models that sparsed does not know; see META-INF/services. */
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
    return Architecture.builder()
        .vocabulary(fields.width("tokens", 320))
        .maxPositions(4096)
        .layers(fields.layers("depth", 4))
        .widths(fields.width("width", 64), fields.width("inner", 176))
        .heads(4, 2)
        .biased(ModelPart.QUERY, ModelPart.KEY, ModelPart.VALUE)
        .rotary(Rotary.of(1e6))
        .logitShift(1)
        .build();
  }

  @Override
  public FamilyDecoding decoding(ConfigFields fields, Architecture architecture) {
    return DreamDecoding.DEMO.asDefaultOf(name(), DreamDecoding.DEFAULT);
  }
}

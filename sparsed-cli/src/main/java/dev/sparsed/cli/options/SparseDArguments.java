package dev.sparsed.cli.options;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.models.method.MethodAttention;
import dev.sparsed.models.method.MethodSetting;
import dev.sparsed.models.method.MethodSettings;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** SparseD's settings: how many steps attend fully, and which blocks the others read. */
@InSection(OptionSection.METHOD)
final class SparseDArguments {

  @Option(
      names = "--skip",
      paramLabel = "SHARE",
      description =
          "SparseD: share of the steps that attend fully, 0 to 1 (default: "
              + AttentionPolicy.PUBLISHED_SKIP
              + ").")
  private @Nullable Double skip;

  @Option(
      names = "--select",
      paramLabel = "SHARE",
      description =
          "SparseD: share of the key blocks to keep, 0 to 1 (default: "
              + AttentionPolicy.PUBLISHED_SELECT
              + ").")
  private @Nullable Double select;

  @Option(
      names = "--block_size",
      paramLabel = "N",
      description =
          "Tokens per attention block (default: " + AttentionPolicy.PUBLISHED_BLOCK + ").")
  private @Nullable Integer blockSize;

  @Option(
      names = "--score_scale",
      paramLabel = "SCALE",
      converter = Scales.class,
      description =
          "SparseD: scale of the scores that blocks are selected by: published, which is 1/sqrt(D)"
              + " for Dream and 1/sqrt(H) for LLaDA; head_dimension for 1/sqrt(D); head_count for"
              + " 1/sqrt(H) (default: published).")
  private MethodAttention.@Nullable NamedScale scoreScale;

  MethodSettings in(MethodSettings settings) {
    MethodSettings all = settings;
    all = skip == null ? all : all.with(MethodSetting.SKIP, skip);
    all = select == null ? all : all.with(MethodSetting.SELECT, select);
    all = blockSize == null ? all : all.with(MethodSetting.BLOCK_SIZE, blockSize);
    return scoreScale == null ? all : all.with(MethodSetting.SCORE_SCALE, scoreScale);
  }

  /** Reads scales as names of methods do. */
  static final class Scales implements ITypeConverter<MethodAttention.NamedScale> {
    @Override
    public MethodAttention.NamedScale convert(String value) {
      try {
        return MethodAttention.NamedScale.of(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}

package dev.sparsed.cuda;

import com.google.common.collect.ImmutableSortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The sizes that there are kernels for, as {@code kernel_sizes.cuh} names them.
 *
 * @param headDimensions head dimensions of the tensor-core kernels
 * @param blockSizes tokens per block of the tensor-core kernels
 * @param hopperHeadDimensions head dimensions that Hopper has kernels of its own for
 * @param hopperBlockSizes block sizes that Hopper has kernels of its own for
 * @param largestFloat32HeadDimension the float32 kernels take any head dimension up to this
 */
record KernelSizes(
    ImmutableSortedSet<Integer> headDimensions,
    ImmutableSortedSet<Integer> blockSizes,
    ImmutableSortedSet<Integer> hopperHeadDimensions,
    ImmutableSortedSet<Integer> hopperBlockSizes,
    int largestFloat32HeadDimension) {

  private static final Pattern ENTRY = Pattern.compile("Make\\(__VA_ARGS__, (\\d+)\\)");

  /** Those of the sources in this jar. */
  static KernelSizes packaged() {
    return of(KernelSources.readResource("kernel_sizes.cuh"));
  }

  static KernelSizes of(String source) {
    // A line that ends with a backslash goes on in the next one.
    String text = source.replace("\r\n", "\n").replace("\\\n", " ");
    return new KernelSizes(
        list(text, "SPARSED_FOR_HEAD_DIMENSIONS"),
        list(text, "SPARSED_FOR_BLOCK_SIZES"),
        list(text, "SPARSED_FOR_HOPPER_HEAD_DIMENSIONS"),
        list(text, "SPARSED_FOR_HOPPER_BLOCK_SIZES"),
        Integer.parseInt(definition(text, "SPARSED_FLOAT32_LARGEST_HEAD_DIMENSION").trim()));
  }

  private static ImmutableSortedSet<Integer> list(String text, String macro) {
    return ENTRY
        .matcher(definition(text, macro))
        .results()
        .map(entry -> Integer.valueOf(entry.group(1)))
        .collect(ImmutableSortedSet.toImmutableSortedSet(Integer::compare));
  }

  /** What stands behind a macro's name, on its line. */
  private static String definition(String text, String macro) {
    Matcher line = Pattern.compile("(?m)^#define " + macro + "\\b(.*)$").matcher(text);
    if (!line.find()) {
      throw new IllegalStateException("kernel_sizes.cuh defines no " + macro);
    }
    return line.group(1);
  }
}

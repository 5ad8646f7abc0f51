package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machine code compiled at first use, and the cache that keeps it. */
final class ImagesTest {

  private static final Kernel KERNEL = Kernel.selectBlocks();

  private static final class CountingCompiler implements KernelCompiler {
    final List<String> sources = new ArrayList<>();

    @Override
    public Optional<String> version() {
      return Optional.of("0.0");
    }

    @Override
    public byte[] compile(String name, String source, List<String> options) {
      sources.add(source);
      return (name + options).getBytes(StandardCharsets.UTF_8);
    }
  }

  private final CountingCompiler compiler = new CountingCompiler();

  private CompiledImages images(Path folder, String header) {
    return new CompiledImages(
        compiler,
        ImageCache.in(folder),
        KernelSources.of(
            ImmutableMap.of(
                "select_blocks.cuh",
                "#pragma once\n#include \"a.cuh\"\n#include \"a.cuh\"\n",
                "a.cuh",
                header)));
  }

  private static DeviceProperties device(int major, int minor, int driver) {
    return new DeviceProperties(0, "device", major, minor, 1, 1, 1, driver);
  }

  @Test
  void compilesOnceForEachSourceArchitectureAndDriver(@TempDir Path folder) {
    DeviceProperties hopper = device(9, 0, 13000);
    byte[] first = images(folder, "int a;\n").image(KERNEL, hopper);
    assertArrayEquals(first, images(folder, "int a;\n").image(KERNEL, hopper));
    assertEquals(1, compiler.sources.size());
    assertEquals(
        List.of("int a;", "SPARSED_SELECT_KERNEL()"),
        compiler.sources.get(0).lines().filter(line -> !line.isEmpty()).toList(),
        "every header once");

    images(folder, "int b;\n").image(KERNEL, hopper);
    assertEquals(2, compiler.sources.size());
    assertFalse(
        java.util.Arrays.equals(
            first, images(folder, "int a;\n").image(KERNEL, device(12, 0, 13000))));
    images(folder, "int a;\n").image(KERNEL, device(9, 0, 13010));
    assertEquals(4, compiler.sources.size());
  }

  @Test
  void replacesDamagedEntries(@TempDir Path folder) throws IOException {
    DeviceProperties hopper = device(9, 0, 13000);
    byte[] image = images(folder, "int a;\n").image(KERNEL, hopper);
    Path entry;
    try (var entries = Files.list(folder)) {
      entry = entries.findFirst().orElseThrow();
    }
    byte[] stored = Files.readAllBytes(entry);
    for (byte[] damaged :
        List.of(new byte[0], java.util.Arrays.copyOf(stored, 40), flipLastBit(stored))) {
      Files.write(entry, damaged);
      assertArrayEquals(image, images(folder, "int a;\n").image(KERNEL, hopper));
      assertArrayEquals(stored, Files.readAllBytes(entry));
    }
    assertEquals(4, compiler.sources.size());
  }

  private static byte[] flipLastBit(byte[] bytes) {
    byte[] flipped = bytes.clone();
    flipped[flipped.length - 1] ^= 1;
    return flipped;
  }

  @Test
  void worksWithoutAFolderToWriteTo(@TempDir Path folder) throws IOException {
    // A file where the folder should be: fails for every user, root too.
    Path blocked = Files.createFile(folder.resolve("file")).resolve("cache");
    for (int i = 0; i < 2; i++) {
      assertNotEquals(0, images(blocked, "int a;\n").image(KERNEL, device(9, 0, 13000)).length);
    }
    assertEquals(2, compiler.sources.size());
  }

  @Test
  void theJarHoldsEveryHeaderThatAKernelNeeds() {
    KernelSources sources = KernelSources.packaged();
    for (Kernel kernel :
        List.of(
            Kernel.attention(ElementType.BFLOAT16, 128, BlockShape.square(32)),
            Kernel.rowLogSumExp(ElementType.FLOAT16, 64),
            Kernel.blockScores(ElementType.BFLOAT16, 256, BlockShape.square(16)),
            Kernel.attention(ElementType.FLOAT32, 8, BlockShape.square(8)),
            KERNEL)) {
      String program = sources.flatten(kernel);
      assertFalse(program.contains(".cuh\""), "an include is left in " + kernel.name());
      assertTrue(program.contains("namespace sparsed"), kernel.name());
    }
  }
}

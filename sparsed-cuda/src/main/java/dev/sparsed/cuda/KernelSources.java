package dev.sparsed.cuda;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The CUDA sources in this jar, made into one text per kernel for compilation at run time. */
final class KernelSources {

  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(\\w+\\.cuh)\"$");
  private static final String FOLDER = "sources/";
  private static final int FINGERPRINT_LENGTH = 16;

  /** The files that programs of kernels begin with. */
  private static final ImmutableList<String> PROGRAMS =
      ImmutableList.of(
          "block_sparse_attention.cuh",
          "block_scores.cuh",
          "row_log_sum_exp.cuh",
          "narrow_scores.cuh",
          "select_blocks.cuh",
          "float32.cuh",
          "hopper_attention.cuh",
          "hopper_scores.cuh");

  private final Function<String, String> files;

  KernelSources(Function<String, String> files) {
    this.files = files;
  }

  static KernelSources packaged() {
    return new KernelSources(KernelSources::readResource);
  }

  static KernelSources of(ImmutableMap<String, String> files) {
    return new KernelSources(
        name -> {
          String text = files.get(name);
          if (text == null) {
            throw new CudaException("there is no CUDA source " + name);
          }
          return text;
        });
  }

  /** The program of a kernel with every header in its place, each once. */
  String flatten(Kernel kernel) {
    return flatten(kernel.program(), new HashSet<>());
  }

  private String flatten(String text, Set<String> included) {
    Matcher matcher = INCLUDE.matcher(text.replace("\r\n", "\n").replace("#pragma once\n", ""));
    StringBuilder flat = new StringBuilder();
    while (matcher.find()) {
      String name = matcher.group(1);
      String content = included.add(name) ? flatten(files.apply(name), included) : "";
      matcher.appendReplacement(flat, Matcher.quoteReplacement(content));
    }
    return matcher.appendTail(flat).toString();
  }

  /** What tells the sources in this jar from those of other versions. */
  static String fingerprint() {
    return Packaged.FINGERPRINT;
  }

  /** Hashed only where somebody asks. */
  private static final class Packaged {

    static final String FINGERPRINT = fingerprint();

    private Packaged() {}

    private static String fingerprint() {
      Hasher hasher = Hashing.sha256().newHasher();
      for (String program : PROGRAMS) {
        hasher.putString(
            packaged().flatten("#include \"" + program + "\"\n", new HashSet<>()),
            StandardCharsets.UTF_8);
      }
      return hasher.hash().toString().substring(0, FINGERPRINT_LENGTH);
    }
  }

  /** A file of the sources. */
  static String readResource(String name) {
    URL url = KernelSources.class.getResource(FOLDER + name);
    if (url == null) {
      throw new CudaException("the CUDA source " + name + " is missing from this jar");
    }
    try {
      return Resources.toString(url, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + url, e);
    }
  }
}

package dev.sparsed.cuda;

import java.util.List;
import java.util.Optional;

/** Compiles CUDA C++ on the user's machine. */
interface KernelCompiler {

  /** The compiler's version, or empty where it is not installed. */
  Optional<String> version();

  /**
   * Compiles a program to machine code.
   *
   * @throws CudaException if the compiler is missing or refuses, with its messages
   */
  byte[] compile(String name, String source, List<String> options);
}

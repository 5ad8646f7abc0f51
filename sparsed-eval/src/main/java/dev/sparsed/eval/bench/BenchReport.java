package dev.sparsed.eval.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;

/** What a benchmark found. */
public interface BenchReport {

  /**
   * The report as JSON.
   *
   * @return one object; machine, versions and runtime among its fields
   */
  ObjectNode json();

  /**
   * Prints the report as text.
   *
   * @param out gets the text
   */
  void print(PrintWriter out);
}

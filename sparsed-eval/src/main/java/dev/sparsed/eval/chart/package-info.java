/**
 * What pictures of numbers have in common: {@link dev.sparsed.eval.chart.ChartSheet} puts charts of
 * the library XChart together and writes them. What they show belongs to those who draw them.
 */
@NullMarked
package dev.sparsed.eval.chart;

import org.jspecify.annotations.NullMarked;

/**
 * Diffusion models over a Spark cluster.
 *
 * <p>{@code DiffusionTextGenerator} is a stage of a Spark ML pipeline. A task takes the executor's
 * model from {@code LoadedModels}, which reads it once per JVM, gives every row a seed of its own
 * ({@code RowSeed}) and hands on answers in the rows' order ({@code AnsweredRows}). What a row does
 * wrong is said in its error column. Spark's classes are the cluster's own.
 */
@NullMarked
package dev.sparsed.spark;

import org.jspecify.annotations.NullMarked;

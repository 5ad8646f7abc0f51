/**
 * What evaluations ask of a model: {@link dev.sparsed.eval.model.EvalModel}, which {@link
 * dev.sparsed.eval.model.CheckpointModel} is for a checkpoint's folder. Tokenizer and weights are
 * read when they are first needed, so that everything that a configuration tells is told at once.
 */
@NullMarked
package dev.sparsed.eval.model;

import org.jspecify.annotations.NullMarked;

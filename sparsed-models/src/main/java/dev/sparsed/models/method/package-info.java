/**
 * The one vocabulary of ways to generate. A {@link dev.sparsed.models.method.Method} says how steps
 * attend, what is kept between them and how tokens are committed; it is read from and written as a
 * name such as {@code sparsed:select=0.3+dual-cache}, the same for every command, program and run
 * file. {@link dev.sparsed.models.method.Sampling} says how tokens are chosen. Where neither of
 * both says anything, the model's family decides.
 *
 * <p>What the names of settings mean stands in {@link dev.sparsed.models.method.MethodSetting}; the
 * published values are constants of the types that they configure. Nothing here knows a command
 * line.
 */
@NullMarked
package dev.sparsed.models.method;

import org.jspecify.annotations.NullMarked;

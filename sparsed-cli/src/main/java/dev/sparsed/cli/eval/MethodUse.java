package dev.sparsed.cli.eval;

import dev.sparsed.models.method.Method;
import dev.sparsed.models.method.Sampling;

/**
 * How a method is used.
 *
 * @param method the method
 * @param sampling how tokens are chosen
 * @param earlyStop whether a generation ends at its first end of text
 */
record MethodUse(Method method, Sampling sampling, boolean earlyStop) {}

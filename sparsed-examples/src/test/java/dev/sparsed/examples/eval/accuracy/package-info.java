@NullMarked
package dev.sparsed.examples.eval.accuracy;

import org.jspecify.annotations.NullMarked;

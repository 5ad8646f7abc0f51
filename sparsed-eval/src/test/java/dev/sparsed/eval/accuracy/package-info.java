@NullMarked
package dev.sparsed.eval.accuracy;

import org.jspecify.annotations.NullMarked;

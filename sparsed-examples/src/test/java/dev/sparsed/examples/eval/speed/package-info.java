@NullMarked
package dev.sparsed.examples.eval.speed;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.sparsed.eval.speed;

import org.jspecify.annotations.NullMarked;

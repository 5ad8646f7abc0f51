@NullMarked
package dev.sparsed.spark;

import org.jspecify.annotations.NullMarked;

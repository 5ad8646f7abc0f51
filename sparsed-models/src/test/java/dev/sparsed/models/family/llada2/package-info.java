@NullMarked
package dev.sparsed.models.family.llada2;

import org.jspecify.annotations.NullMarked;

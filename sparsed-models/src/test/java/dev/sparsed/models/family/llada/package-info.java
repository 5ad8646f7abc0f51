@NullMarked
package dev.sparsed.models.family.llada;

import org.jspecify.annotations.NullMarked;

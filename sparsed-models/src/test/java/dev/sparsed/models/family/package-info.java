@NullMarked
package dev.sparsed.models.family;

import org.jspecify.annotations.NullMarked;

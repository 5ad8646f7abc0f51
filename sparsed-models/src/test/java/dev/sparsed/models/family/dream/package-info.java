@NullMarked
package dev.sparsed.models.family.dream;

import org.jspecify.annotations.NullMarked;

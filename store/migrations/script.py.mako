<%!
def bare(steps):
    """The operations without Alembic's remarks."""
    return "\n".join(line for line in (steps or "pass").splitlines() if "# ### " not in line).strip()
%>\
"""${message}: written by `python -m store.migrations`, then read by a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go from the step before to this one."""
    ${upgrades | bare}


def downgrade() -> None:
    """Go back to the step before."""
    ${downgrades | bare}

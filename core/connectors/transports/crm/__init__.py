"""Customer records in HubSpot and in Odoo, made or changed as one thing: whoever is there already is not made twice."""

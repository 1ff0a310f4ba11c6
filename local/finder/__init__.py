"""How the card finder is made: pictures, network, training, measurement. Nothing deployed imports
this, and only `network`, `augment` and `train` need torch (docs/card-finder.md)."""

"""What the PowerPoint format is made of: text that is measured, content cut into slides, and the drawing of them."""

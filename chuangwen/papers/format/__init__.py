"""The form of official papers, pure: what a paper consists of, writing it as .docx, checking any .docx. No Django here."""

cargo add "a$b" --x ${Y} 'z' # c
[t.a]
k = '''v'''
{"a": null}

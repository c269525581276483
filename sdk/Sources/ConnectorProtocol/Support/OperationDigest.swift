/// The digest by which a repeat of an operation is told from another operation with the same id.
public enum OperationDigest {
  /// Members of the parameters that may differ between two attempts of one operation.
  public static let excluded: Set<String> = ["op", "_meta", "checkpoint"]
  /// Members of `source` that may: the same disk is offered at another address each time.
  public static let excludedOfSource: Set<String> = ["location", "certificateSHA256"]

  /// SHA-256, 64 hexadecimal digits, of the canonical JSON of `params` without the excluded members.
  public static func compute(params: JSONValue) throws -> String {
    guard case .object(let members) = params else { return SHA256.hex(try CanonicalJSON.encode(params)) }
    var hashed = members.filter { !excluded.contains($0.key) }
    if case .object(let source)? = hashed["source"] {
      hashed["source"] = .object(source.filter { !excludedOfSource.contains($0.key) })
    }
    return SHA256.hex(try CanonicalJSON.encode(JSONValue.object(hashed)))
  }

  /// The digest of what `request` will be on the wire; the one it carries already does not count.
  public static func compute(for request: some MutatingRequest) throws -> String {
    try compute(params: JSONValue.encoding(request))
  }
}

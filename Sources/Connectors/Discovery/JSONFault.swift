/// What a decoder found wrong, and where, in words.
enum JSONFault {
  static func text(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return String(describing: error) }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? context.debugDescription : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default:
      return String(describing: error)
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    "/" + path.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: "/")
  }
}

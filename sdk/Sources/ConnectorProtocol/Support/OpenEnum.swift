/// A word of the protocol's vocabulary that may grow: known words are static members, unknown ones are kept as text.
///
/// A closed enum would make every new word a breaking change, and a decoder that throws on one would let a newer peer
/// break an older one.
public protocol OpenEnum: TextIdentifier, ExpressibleByStringLiteral {}

extension OpenEnum {
  public init(stringLiteral value: String) { self.init(rawValue: value) }
}

/// The fingerprint of the one certificate that a server may show: SHA-256, or SHA-1 where that is all a platform gives.
///
/// With a pin no authority is asked and the host's name is not compared: the certificate itself was chosen.
public struct CertificatePin: Hashable, Sendable {
  let bytes: [UInt8]

  /// Reads `AB:CD:…`, `ab cd …` or `abcd…` of 20 or 32 bytes; nil where it is none.
  public init?(_ text: String) {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text where character != ":" && character != " " {
      guard character.isASCII, let digit = character.hexDigitValue else { return nil }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    guard high == nil, bytes.count == 20 || bytes.count == 32 else { return nil }
    self.bytes = bytes
  }
}

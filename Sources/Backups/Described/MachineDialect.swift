import Support

/// One platform's way to describe its machines in JSON.
protocol MachineDialect: Sendable {
  /// What it is called in messages, "describe-instances of AWS".
  static var name: String { get }

  /// The machines that the documents describe, without reading any of them whole.
  static func machines(_ library: JSONLibrary) -> [DescribedMachine]

  /// - Throws: what in the description cannot be.
  static func draft(_ machine: DescribedMachine, _ library: JSONLibrary) throws(JSONFault) -> MachineDraft
}

/// A machine that one of the documents describes.
struct DescribedMachine: Sendable {
  var place: JSONLibrary.Place
  /// What somebody may name it by: its name first, then its identifiers.
  var names: [String]
}

import Support

/// Disks beside a platform's own description of their machine, in JSON.
enum MachineJSONFormat: BackupFormat {
  static let dialects: [any MachineDialect.Type] = [
    CloudStackDialect.self, AWSDialect.self, AzureDialect.self, NutanixDialect.self,
  ]

  static let name = "disks with a machine's JSON beside them (\(dialects.map { $0.name }.joined(separator: ", ")))"

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard let draft = try draft(location) else { return nil }
    return try DescribedReader(location: location, draft: draft)
  }

  /// What the documents say of the machine that counts; nil where they tell of none.
  static func draft(_ location: BackupLocation) throws(AscendError) -> MachineDraft? {
    let library = try JSONLibrary(location)
    for dialect in dialects {
      var machines = dialect.machines(library)
      if !location.isFolder { machines = machines.filter { $0.place.document == location.fileName } }
      guard let machine = try choose(machines, location) else { continue }
      return try draft(dialect, machine, library, location)
    }
    return nil
  }

  private static func draft(
    _ dialect: any MachineDialect.Type, _ machine: DescribedMachine, _ library: JSONLibrary, _ location: BackupLocation
  ) throws(AscendError) -> MachineDraft {
    do throws(JSONFault) {
      var draft = try dialect.draft(machine, library)
      draft.findings += library.broken.map { "\($0.name) is no valid JSON and was left aside: \($0.reason)" }
      return draft
    } catch {
      throw AscendError(
        "backup.descriptorMalformed", "The description of the machine \(machine.names.first ?? "") cannot be used",
        object: location.folder + "/" + machine.place.document, cause: "\(error.path) \(error.reason)",
        remedy: "Write it again with the platform's own tool")
    }
  }

  /// The machine that counts: the only one, or the one that the options name.
  static func choose(_ machines: [DescribedMachine], _ location: BackupLocation) throws(AscendError)
    -> DescribedMachine?
  {
    guard !machines.isEmpty else { return nil }
    var left = machines
    if let wanted = location.options.machine {
      left = machines.filter { $0.names.contains(wanted) }
      if left.isEmpty, machines.count > 1 {
        throw AscendError(
          "backup.machineUnknown", "The backup holds no machine \"\(wanted.prefix(200))\"", object: location.path,
          cause: "it holds \(shown(machines, by: 0))", remedy: "Name one of these with --machine")
      }
      if left.isEmpty { left = machines }
    }
    // A machine may stand in several documents; the first that tells of it counts.
    var seen: Set<String> = []
    left = left.filter { seen.insert($0.names.last ?? "").inserted }
    guard left.count > 1 else { return left[0] }
    let named = location.options.machine != nil
    throw AscendError(
      "backup.ambiguous", "The backup holds \(left.count) machines\(named ? " of that name" : "")",
      object: location.path, cause: shown(left, by: named ? .max : 0),
      remedy: "Name one of them with --machine, by its name or its identifier")
  }

  private static func shown(_ machines: [DescribedMachine], by place: Int) -> String {
    let names = machines.prefix(20).map { $0.names[min(place, $0.names.count - 1)].prefix(100) }
    return names.joined(separator: ", ")
      + (machines.count > names.count ? " and \(machines.count - names.count) more" : "")
  }
}

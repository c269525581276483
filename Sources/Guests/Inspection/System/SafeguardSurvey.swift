import Support

/// What in a Windows may keep it from starting after a change, or refuse the drivers of the new platform.
enum SafeguardSurvey {
  /// Has a key for each group policy that was applied.
  static let history = ["Microsoft", "Windows", "CurrentVersion", "Group Policy", "History"]
  private static let restrictions = ["Policies", "Microsoft", "Windows", "DeviceInstall", "Restrictions"]
  private static let refusals = ["DenyUnspecified", "DenyDeviceIDs", "DenyDeviceClasses", "DenyInstanceIDs"]

  /// Programs against malware, by a service of theirs. Windows' own has never been in the way.
  private static let guards: [(name: String, services: [String])] = [
    ("Avast", ["avast! Antivirus"]), ("AVG", ["AVG Antivirus"]), ("Bitdefender", ["EPSecurityService", "VSSERV"]),
    ("Carbon Black", ["CbDefense"]), ("Cortex XDR", ["cyserver"]), ("CrowdStrike Falcon", ["CSFalconService"]),
    ("Cylance", ["CylanceSvc"]), ("ESET", ["ekrn"]), ("F-Secure", ["fsulhoster"]), ("Kaspersky", ["klnagent", "AVP"]),
    ("Malwarebytes", ["MBAMService"]), ("McAfee", ["McShield", "mfefire", "masvc"]),
    ("SentinelOne", ["SentinelAgent"]), ("Sophos", ["SAVService", "Sophos Endpoint Defense Service"]),
    ("Symantec", ["SepMasterService"]), ("Trend Micro", ["ntrtscan", "TmCCSF"]),
  ]

  /// From the SOFTWARE hive.
  static func policies(_ hive: some RegistryReading, hasGroupPolicies: Bool) throws(AscendError) -> [String] {
    var found = hasGroupPolicies ? ["group-policy"] : []
    for name in refusals where try hive.value(restrictions, name)?.number == 1 {
      found.append("device-installation-policy")
      break
    }
    return found
  }

  /// From the SYSTEM hive.
  static func antivirus(_ hive: some RegistryReading, controlSet: String) throws(AscendError) -> [String] {
    var found: [String] = []
    for guardian in guards {
      for service in guardian.services where try hive.has([controlSet, "Services", service]) {
        found.append("antivirus: \(guardian.name)")
        break
      }
    }
    return found
  }
}

; The installer for Windows: for this user, without an administrator; or, with /ALLUSERS and from an elevated
; prompt, for every user of the computer. Silent with /S. It takes
;
;   /URL=tls://host:port  /PBXDOMAIN=12345678.pbx.example   settings that those of each user go over
;   /AUTOSTART=1 or 0                                       whether Calltray starts at login
;
; The uninstaller asks whether settings, logs and the password go, too. With /S they stay, unless there is /PURGE.
Target amd64-unicode
Unicode true
SetCompressor /SOLID lzma
RequestExecutionLevel user
Name "Calltray"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Calltray"
ShowInstDetails nevershow
ShowUninstDetails nevershow
BrandingText "Calltray ${VERSION}"
AllowSkipFiles off

!include FileFunc.nsh
!include LogicLib.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh
!include MUI2.nsh

!define ID "dk.calltray.Calltray"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Calltray"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define APPROVED "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define MUI_ICON "${STAGE}/../calltray.ico"
!define MUI_UNICON "${STAGE}/../calltray.ico"
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\calltray.exe"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Danish"
LangString Autostart ${LANG_ENGLISH} "Start Calltray when I log in"
LangString Autostart ${LANG_DANISH} "Start Calltray, når jeg logger på"
LangString Purge ${LANG_ENGLISH} "Delete your settings, logs and saved password, too?"
LangString Purge ${LANG_DANISH} "Skal dine indstillinger, logfiler og den gemte adgangskode også slettes?"
LangString Running ${LANG_ENGLISH} "Calltray is running: quit it from its icon beside the clock, then try again."
LangString Running ${LANG_DANISH} "Calltray kører: afslut det fra ikonet ved uret, og prøv igen."
LangString Administrator ${LANG_ENGLISH} "To install Calltray for all users, start this as an administrator."
LangString Administrator ${LANG_DANISH} "Start dette program som administrator for at installere Calltray for alle brugere."

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Calltray"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Calltray Setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "No licence has been chosen yet"

Var Value
Var Managed ; the folder of the settings that are given on the command line

; Option NAME leaves in $Value what stands behind /NAME= on the command line, up to a blank or a quote. GetOptions
; would cut an address at its slashes.
!macro Option NAME
	Push "/${NAME}="
	Call Option
	Pop $Value
!macroend
Function Option
	Exch $0
	Push $1
	Push $2
	Push $3
	${GetParameters} $1
	StrLen $2 $0
	${DoUntil} $1 == ""
		StrCpy $3 $1 $2
		${If} $3 == $0
			${ExitDo}
		${EndIf}
		StrCpy $1 $1 "" 1
	${Loop}
	StrCpy $1 $1 "" $2
	StrCpy $0 ""
	${DoUntil} $1 == ""
		StrCpy $3 $1 1
		${If} $3 == " "
		${OrIf} $3 == "'"
		${OrIf} $3 == '"'
			${ExitDo}
		${EndIf}
		StrCpy $0 "$0$3"
		StrCpy $1 $1 "" 1
	${Loop}
	Pop $3
	Pop $2
	Pop $1
	Exch $0
FunctionEnd

Section "Calltray"
	SectionIn RO
	SetOutPath "$INSTDIR"
	SetOverwrite try
	ClearErrors
	File "${STAGE}/calltray.exe"
	${If} ${Errors}
		SetErrorLevel 1
		MessageBox MB_OK|MB_ICONEXCLAMATION "$(Running)" /SD IDOK
		Abort "$(Running)"
	${EndIf}
	File "${STAGE}/CHANGELOG.txt"
	File "${STAGE}/COPYRIGHT.txt"
	File "${STAGE}/THIRD_PARTY.txt"
	WriteUninstaller "$INSTDIR\uninstall.exe"

	; By the AppUserModelID of the start menu's entry, Windows knows the program's notifications and windows.
	CreateShortCut "$SMPROGRAMS\Calltray.lnk" "$INSTDIR\calltray.exe"
	!insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
	${If} $0 P<> 0
		${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
		${If} $1 P<> 0
			${IPersistFile::Load} $1 '("$SMPROGRAMS\Calltray.lnk", ${STGM_READWRITE})'
			${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
			${If} $2 P<> 0
				System::Call 'Oleaut32::SysAllocString(w "${ID}")p.r3'
				System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r4'
				System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_BSTR},,p $3)p.r5'
				${IPropertyStore::SetValue} $2 '($4,$5)'
				System::Call 'Oleaut32::SysFreeString(p $3)'
				System::Free $4
				System::Free $5
				${IPropertyStore::Commit} $2 ""
				${IUnknown::Release} $2 ""
				${IPersistFile::Save} $1 '("$SMPROGRAMS\Calltray.lnk",1)'
			${EndIf}
			${IUnknown::Release} $1 ""
		${EndIf}
		${IUnknown::Release} $0 ""
	${EndIf}

	WriteRegStr SHCTX "${KEY}" "DisplayName" "Calltray"
	WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
	WriteRegStr SHCTX "${KEY}" "Publisher" "Calltray"
	WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\calltray.exe"
	WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
	WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
	WriteRegDWORD SHCTX "${KEY}" "NoRepair" 1
	${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
	WriteRegDWORD SHCTX "${KEY}" "EstimatedSize" $0

	; Settings that are there already stay as they are.
	!insertmacro Option "URL"
	StrCpy $1 $Value
	!insertmacro Option "PBXDOMAIN"
	StrCpy $2 $Value
	${If} "$1$2" != ""
	${AndIfNot} ${FileExists} "$Managed\settings.toml"
		CreateDirectory "$Managed"
		FileOpen $0 "$Managed\settings.toml" w
		${If} $1 != ""
			FileWrite $0 "url = '$1'$\r$\n"
		${EndIf}
		${If} $2 != ""
			FileWrite $0 "pbx_domain = '$2'$\r$\n"
		${EndIf}
		FileClose $0
	${EndIf}
SectionEnd

Section "$(Autostart)" AUTOSTART
	WriteRegStr SHCTX "${RUN}" "Calltray" '"$INSTDIR\calltray.exe" --hidden'
	DeleteRegValue HKCU "${APPROVED}" "Calltray" ; where the Task Manager notes what the user switched off
SectionEnd

Function .onInit
	SetRegView 64
	SetShellVarContext current
	StrCpy $Managed "$LOCALAPPDATA\calltray"
	${GetParameters} $0
	ClearErrors
	${GetOptions} $0 "/ALLUSERS" $1
	${IfNot} ${Errors}
		UserInfo::GetAccountType
		Pop $1
		${If} $1 != "Admin"
			SetErrorLevel 740 ; ERROR_ELEVATION_REQUIRED
			MessageBox MB_OK|MB_ICONEXCLAMATION "$(Administrator)" /SD IDOK
			Quit
		${EndIf}
		SetShellVarContext all
		StrCpy $INSTDIR "$PROGRAMFILES64\Calltray"
		ReadEnvStr $Managed ProgramData
		StrCpy $Managed "$Managed\Calltray"
	${EndIf}

	; What the user chose before stays, and who says nothing when asked nothing is not started at login.
	!insertmacro Option "AUTOSTART"
	ReadRegStr $0 SHCTX "${KEY}" "DisplayVersion"
	ReadRegStr $1 SHCTX "${RUN}" "Calltray"
	${If} $Value == 1
		!insertmacro SelectSection ${AUTOSTART}
	${ElseIf} $Value == 0
	${OrIf} ${Silent}
		!insertmacro UnselectSection ${AUTOSTART}
	${ElseIf} $0 != ""
	${AndIf} $1 == ""
		!insertmacro UnselectSection ${AUTOSTART}
	${EndIf}
FunctionEnd

; A choice that was taken back is taken back.
Function .onInstSuccess
	!insertmacro Option "AUTOSTART"
	${IfNot} ${SectionIsSelected} ${AUTOSTART}
		${If} $Value == 0
		${OrIfNot} ${Silent}
			DeleteRegValue SHCTX "${RUN}" "Calltray"
		${EndIf}
	${EndIf}
FunctionEnd

Function un.onInit
	SetRegView 64
	SetShellVarContext current
	ReadRegStr $0 HKLM "${KEY}" "InstallLocation"
	${If} $0 == $INSTDIR
		SetShellVarContext all
	${EndIf}
FunctionEnd

; un.Passwords deletes what Calltray has in the credential store. The structure is CREDENTIALW.
Function un.Passwords
	System::Call 'advapi32::CredEnumerateW(w "Calltray:*", i 0, *i .r1, *p .r2) i .r0'
	${If} $0 <> 0
		IntOp $1 $1 - 1
		${ForEach} $3 0 $1 + 1
			IntOp $4 $3 * ${NSIS_PTR_SIZE}
			System::Call '*$2(&v$4, p .r5)'
			System::Call '*$5(i, i .r6, p .r7)'
			System::Call 'advapi32::CredDeleteW(p r7, i r6, i 0)'
		${Next}
		System::Call 'advapi32::CredFree(p r2)'
	${EndIf}
FunctionEnd

Section Uninstall
	ClearErrors
	Delete "$INSTDIR\calltray.exe"
	${If} ${Errors}
		SetErrorLevel 1
		MessageBox MB_OK|MB_ICONEXCLAMATION "$(Running)" /SD IDOK
		Abort "$(Running)"
	${EndIf}
	Delete "$INSTDIR\CHANGELOG.txt"
	Delete "$INSTDIR\COPYRIGHT.txt"
	Delete "$INSTDIR\THIRD_PARTY.txt"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR"
	RMDir "$LOCALAPPDATA\Programs" ; if nothing else is there
	Delete "$SMPROGRAMS\Calltray.lnk"
	DeleteRegKey SHCTX "${KEY}"
	DeleteRegValue SHCTX "${RUN}" "Calltray"
	DeleteRegValue HKCU "${RUN}" "Calltray"
	DeleteRegValue HKCU "${APPROVED}" "Calltray"
	DeleteRegKey HKCU "Software\Classes\AppUserModelId\${ID}" ; the program's name and icon for notifications
	DeleteRegKey HKCU "Software\Classes\Calltray.Link" ; what makes it known as one that opens telephone links
	DeleteRegKey HKCU "Software\Calltray"
	DeleteRegValue HKCU "Software\RegisteredApplications" "Calltray"

	${GetParameters} $0
	ClearErrors
	${GetOptions} $0 "/PURGE" $1
	${If} ${Errors}
		MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(Purge)" /SD IDNO IDNO keep
	${EndIf}
	SetShellVarContext current
	Call un.Passwords
	RMDir /r "$LOCALAPPDATA\calltray"
	RMDir /r "$LOCALAPPDATA\fyne\${ID}"
	RMDir "$LOCALAPPDATA\fyne"
	RMDir /r "$APPDATA\fyne\${ID}"
	RMDir "$APPDATA\fyne"
	keep:
SectionEnd

@echo off
rem Runs sparsed's command line from a source checkout, as the script "sparsed" does on Linux and macOS.
rem Needs a JDK 17 or newer. Tried with Wine's command processor only: nobody had a Windows machine at hand.
rem
rem SPARSED_JAVA_OPTS  options for the JVM, for example -Xmx8g
rem SPARSED_PROFILE    gpu or mkl, see the script
rem JAVA_HOME          the JDK to use, otherwise the java on the PATH
rem
rem The build is repeated only where there is none: after a change of the sources delete
rem sparsed-examples\target\classpath, or the one of the profile.
setlocal
set "root=%~dp0"
set "root=%root:~0,-1%"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if not defined SPARSED_PROFILE goto known
if "%SPARSED_PROFILE%"=="gpu" goto known
if "%SPARSED_PROFILE%"=="mkl" goto known
echo sparsed: SPARSED_PROFILE is "%SPARSED_PROFILE%", but must be gpu, mkl or empty 1>&2
exit /b 1

:known
rem Spark and what goes with it are downloaded by those alone who ask for a cluster. The command processor takes
rem --spark=MASTER for two arguments.
set "spark="
if not "%~1"=="eval" goto asked
:argument
if "%~1"=="" if not %1.=="". goto asked
if "%~1"=="--spark" set "spark=spark"
shift /1
goto argument

:asked
set "suffix="
set "profile="
if defined SPARSED_PROFILE set "suffix=-%SPARSED_PROFILE%"
if defined SPARSED_PROFILE set "profile=-P%SPARSED_PROFILE%"
if not defined spark goto named
set "suffix=%suffix%-spark"
rem A comma would end the argument.
if defined profile set profile="%profile%,spark"
if not defined profile set "profile=-Pspark"

:named
set "skip="
if not "%SPARSED_PROFILE%"=="gpu" set "skip=-Dsparsed.nvcc=skip"
set "file=%root%\sparsed-examples\target\classpath%suffix%"

if exist "%file%" goto built
echo sparsed: building (the first time this downloads the libraries, which takes minutes) 1>&2
pushd "%root%"
call mvnw.cmd -q -B -ntp %profile% %skip% -DskipTests -Dspotless.check.skip=true -pl sparsed-examples -am package 1>&2
set "failed=%errorlevel%"
popd
if not "%failed%"=="0" exit /b 1
if exist "%file%" goto built
rem Not in a block: a folder such as "Program Files (x86)" would end it.
echo sparsed: the build wrote no "%file%" 1>&2
exit /b 1

:built
rem A file of arguments, as the class path is longer than a command line can be. A backslash there needs another.
set "arguments=%root%\sparsed-examples\target\arguments%suffix%"
powershell -NoProfile -Command "$q = [char]34; $c = (Get-Content -Raw -LiteralPath $env:file).Trim(); $t = ''; if ($env:spark) { $t = $q + '-Dsparsed.spark.jars=' + $c.Replace(';', ',') + $q + [char]10; $c = $c + ';' + (Get-Content -Raw -LiteralPath ($env:file + '-provided')).Trim() }; $t = $t + '-cp ' + $q + $env:root + '\sparsed-examples\target\classes;' + $c + $q; [IO.File]::WriteAllText($env:arguments, $t.Replace('\', '\\'))"
if errorlevel 1 exit /b 1

rem JDK 24 and later warn of interfaces that libraries use; before JDK 23 this option is an error.
set "unsafe="
"%java%" --sun-misc-unsafe-memory-access=allow -version >nul 2>&1 && set "unsafe=--sun-misc-unsafe-memory-access=allow"
set "options="
if defined spark set options="@%root%\sparsed-spark\java.options"
set "blas="
if "%SPARSED_PROFILE%"=="mkl" set "blas=-Dorg.bytedeco.openblas.load=mkl"

"%java%" --enable-native-access=ALL-UNNAMED %unsafe% -Dsparsed.terminal=false %blas% %options% %SPARSED_JAVA_OPTS% "@%arguments%" dev.sparsed.cli.Sparsed %*
exit /b %errorlevel%
